-- Definer: pgmq's tables belong to the owner. The error is scrubbed here, whatever the worker did to it.
create or replace function casebase.fail_job(queue text, msg_id bigint, read_ct int, error_code text, error text default '')
    returns text
    language plpgsql security definer
    set search_path = ''
as $$
declare
    v_queue casebase.queues;
    v_enqueued_at timestamptz;
    v_payload jsonb;
    v_error text := casebase.scrub_text(left(error, 2000));
    v_delay_s double precision;
begin
    select q.* into v_queue from casebase.queues q where q.name = queue;
    execute format('select m.enqueued_at, coalesce(m.message, ''{}'') from pgmq.%I m where m.msg_id = $1 and m.read_ct = $2 for update', 'q_' || queue)
        into v_enqueued_at, v_payload using msg_id, read_ct;
    if v_enqueued_at is null then
        return 'lost';
    end if;

    if read_ct >= v_queue.max_attempts then
        insert into casebase.dead_jobs (queue, msg_id, payload, attempts, error_code, error, enqueued_at)
        values (queue, msg_id, v_payload, least(read_ct, v_queue.max_attempts), error_code, v_error, v_enqueued_at);
        delete from casebase.job_failures f where f.queue = fail_job.queue and f.msg_id = fail_job.msg_id;
        perform pgmq.delete(queue, msg_id);
        return 'dead';
    end if;

    insert into casebase.job_failures as f (queue, msg_id, read_ct, error_code, error)
    values (queue, msg_id, read_ct, error_code, v_error)
    on conflict on constraint job_failures_pkey do update
        set read_ct = excluded.read_ct, error_code = excluded.error_code, error = excluded.error, failed_at = excluded.failed_at;
    -- A quarter of the delay is random, so jobs that failed together do not come back together.
    v_delay_s := least(3600, v_queue.backoff_s * 2 ^ (read_ct - 1)) * (0.75 + random() / 4);
    execute format('update pgmq.%I m set vt = clock_timestamp() + make_interval(secs => $1) where m.msg_id = $2', 'q_' || queue)
        using v_delay_s, msg_id;
    return 'retry';
end
$$;

comment on function casebase.fail_job(text, bigint, int, text, text) is
    'Say that a job failed: retry it after a growing delay, or keep it in casebase.dead_jobs once its attempts are used '
    'up. Returns retry, dead, or lost when the job is no longer the caller''s.';

revoke execute on function casebase.fail_job(text, bigint, int, text, text) from public;
grant execute on function casebase.fail_job(text, bigint, int, text, text) to casebase_api, service_role;
