-- Definer: pgmq's tables belong to the owner.
create or replace function casebase.list_queues()
    returns table (
        queue text, ready bigint, delayed bigint, running bigint, retrying bigint, dead bigint,
        oldest_ready_s double precision, max_attempts int, is_paused boolean
    )
    language plpgsql stable security definer
    set search_path = ''
as $$
declare
    v_queue casebase.queues;
begin
    for v_queue in select q.* from casebase.queues q order by q.name loop
        queue := v_queue.name;
        max_attempts := v_queue.max_attempts;
        is_paused := v_queue.is_paused;
        execute format(
            'select count(*) filter (where m.vt <= t.now),
                    count(*) filter (where m.vt > t.now and m.read_ct = 0),
                    count(*) filter (where m.vt > t.now and m.read_ct > 0 and f.msg_id is null),
                    count(*) filter (where m.vt > t.now and f.msg_id is not null),
                    extract(epoch from t.now - min(m.vt) filter (where m.vt <= t.now))
             from (select clock_timestamp() as now) t
             left join pgmq.%I m on true
             left join casebase.job_failures f on f.queue = $1 and f.msg_id = m.msg_id and f.read_ct = m.read_ct
             group by t.now', 'q_' || v_queue.name)
            into ready, delayed, running, retrying, oldest_ready_s using v_queue.name;
        select count(*) into dead from casebase.dead_jobs d where d.queue = v_queue.name;
        return next;
    end loop;
end
$$;

comment on function casebase.list_queues() is 'Every queue with the number of its jobs in each state and the wait of the oldest due one.';

revoke execute on function casebase.list_queues() from public;
grant execute on function casebase.list_queues() to casebase_api, service_role;
