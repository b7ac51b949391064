-- Definer: pgmq's tables belong to the owner. Deleted and not archived: an archive would keep payloads for ever.
-- Always by primary key: a queue's statistics are of a moment, full or empty, and a plan made for the other reads the
-- whole table for every batch.
create or replace function casebase.complete_jobs(queue text, msg_ids bigint[], read_cts int[]) returns setof bigint
    language plpgsql security definer
    set search_path = ''
    set enable_seqscan = off
    set enable_hashjoin = off
    set enable_mergejoin = off
    set jit = off
as $$
begin
    return query execute format(
        'delete from pgmq.%I m
         using unnest($1, $2) as j (msg_id, read_ct)
         where m.msg_id = j.msg_id and m.read_ct = j.read_ct
         returning m.msg_id', 'q_' || queue)
    using msg_ids, read_cts;

    if 1 < any (read_cts) then
        delete from casebase.job_failures f
        using unnest(msg_ids, read_cts) as j (msg_id, read_ct)
        where f.queue = complete_jobs.queue and f.msg_id = j.msg_id and f.read_ct < j.read_ct;
    end if;
end
$$;

comment on function casebase.complete_jobs(text, bigint[], int[]) is
    'Acknowledge jobs that have no result and return the ids of those that were still the caller''s.';

revoke execute on function casebase.complete_jobs(text, bigint[], int[]) from public;
grant execute on function casebase.complete_jobs(text, bigint[], int[]) to casebase_api, service_role;
