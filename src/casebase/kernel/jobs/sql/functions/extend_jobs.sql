-- Definer: pgmq's tables belong to the owner. Not pgmq.set_vt: that knows no fence, and a worker whose lease ran out
-- must not push away the job that another one runs now.
-- Always by primary key: a queue's statistics are of a moment, full or empty, and a plan made for the other reads the
-- whole table for every batch.
create or replace function casebase.extend_jobs(queue text, msg_ids bigint[], read_cts int[], lease_s int)
    returns setof bigint
    language plpgsql security definer
    set search_path = ''
    set enable_seqscan = off
    set enable_hashjoin = off
    set enable_mergejoin = off
    set jit = off
as $$
begin
    return query execute format(
        'update pgmq.%I m set vt = clock_timestamp() + make_interval(secs => $3)
         from unnest($1, $2) as j (msg_id, read_ct)
         where m.msg_id = j.msg_id and m.read_ct = j.read_ct
         returning m.msg_id', 'q_' || queue)
    using msg_ids, read_cts, lease_s;

    if lease_s = 0 then
        perform pg_notify('casebase_jobs', queue);
    end if;
end
$$;

comment on function casebase.extend_jobs(text, bigint[], int[], int) is
    'Renew the leases of the jobs that are still the caller''s and return their ids; 0 seconds gives the jobs back.';

revoke execute on function casebase.extend_jobs(text, bigint[], int[], int) from public;
grant execute on function casebase.extend_jobs(text, bigint[], int[], int) to casebase_api, service_role;
