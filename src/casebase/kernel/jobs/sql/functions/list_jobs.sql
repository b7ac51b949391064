-- Definer: pgmq's tables belong to the owner. Live jobs first by due time, then the dead, latest first.
create or replace function casebase.list_jobs(queue text, state text default null, msg_id bigint default null, max_rows int default 50)
    returns table (
        job_id bigint, job_state text, attempts int, enqueued_at timestamptz, due_at timestamptz,
        payload jsonb, error_code text, error text, failed_at timestamptz
    )
    language plpgsql stable security definer
    set search_path = ''
as $$
begin
    perform casebase.require_queue(queue);
    for job_id, job_state, attempts, enqueued_at, due_at, payload, error_code, error, failed_at in execute format(
        'select * from (
             select * from (
                 select m.msg_id,
                        case when m.vt <= clock_timestamp() then ''ready''
                             when m.read_ct = 0 then ''delayed''
                             when f.read_ct = m.read_ct then ''retrying''
                             else ''running'' end as state,
                        m.read_ct, m.enqueued_at, m.vt, m.message, f.error_code, f.error, f.failed_at
                 from pgmq.%I m
                 left join casebase.job_failures f on f.queue = $1 and f.msg_id = m.msg_id
                 where $2 is distinct from ''dead'' and ($3 is null or m.msg_id = $3)
                 order by m.vt
             ) live
             where $2 is null or live.state = $2
             limit $4
         ) l
         union all
         select * from (
             select d.msg_id, ''dead'', d.attempts, d.enqueued_at, null::timestamptz, d.payload, d.error_code, d.error, d.died_at
             from casebase.dead_jobs d
             where d.queue = $1 and ($2 is null or $2 = ''dead'') and ($3 is null or d.msg_id = $3)
             order by d.died_at desc, d.msg_id desc
             limit $4
         ) d
         limit $4', 'q_' || queue)
        using queue, state, msg_id, max_rows
    loop
        return next;
    end loop;
end
$$;

comment on function casebase.list_jobs(text, text, bigint, int) is
    'Jobs of a queue, of one state (ready, delayed, running, retrying, dead) or of one id, with their last failure.';

revoke execute on function casebase.list_jobs(text, text, bigint, int) from public;
grant execute on function casebase.list_jobs(text, text, bigint, int) to casebase_api, service_role;
