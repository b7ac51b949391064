-- Definer: pgmq's tables belong to the owner.
-- Always by primary key: a queue's statistics are of a moment, full or empty, and a plan made for the other reads the
-- whole table for every batch.
create or replace function casebase.read_jobs(queue text, batch_size int, lease_s int)
    returns table (msg_id bigint, read_ct int, enqueued_at timestamptz, payload jsonb)
    language plpgsql security definer
    set search_path = ''
    set enable_seqscan = off
    set enable_hashjoin = off
    set enable_mergejoin = off
    set jit = off
as $$
begin
    if exists (select from casebase.queues q where q.name = queue and not q.is_paused) then
        return query
            select m.msg_id, m.read_ct, m.enqueued_at, coalesce(m.message, '{}') from pgmq.read(queue, lease_s, batch_size) m;
    end if;
end
$$;

comment on function casebase.read_jobs(text, int, int) is
    'Lease up to batch_size due jobs for lease_s seconds. (msg_id, read_ct) is the fence that every later call must show.';

revoke execute on function casebase.read_jobs(text, int, int) from public;
grant execute on function casebase.read_jobs(text, int, int) to casebase_api, service_role;
