-- Definer: whoever may enqueue must not thereby read or change other jobs.
-- The key's row is written first, so of two callers with one key the second waits for the first's commit, then gets
-- its job; if the first rolls back, the second's job is the one.
create or replace function casebase.enqueue(
    queue text,
    payload jsonb,
    idempotency_key text default null,
    delay_s int default 0
) returns bigint
    language plpgsql security definer
    set search_path = ''
as $$
declare
    v_msg_id bigint;
begin
    perform casebase.require_queue(queue);
    -- A number of hundreds of digits is one that a worker could not read.
    if jsonb_typeof(payload) is distinct from 'object' or payload::text ~ '\d{250}' then
        perform casebase.fail(422, 'invalid_input',
            '{"errors": [{"field": "payload", "rule": "type", "message": "must be of type object, without numbers of hundreds of digits"}]}');
    end if;

    if idempotency_key is not null then
        insert into casebase.job_keys as k (queue, key) values (enqueue.queue, idempotency_key) on conflict do nothing;
        if not found then
            return (select k.msg_id from casebase.job_keys k where k.queue = enqueue.queue and k.key = idempotency_key);
        end if;
    end if;

    select s into v_msg_id from pgmq.send(queue, payload, delay_s) s;

    if idempotency_key is not null then
        update casebase.job_keys k set msg_id = v_msg_id where k.queue = enqueue.queue and k.key = idempotency_key;
    end if;
    perform pg_notify('casebase_jobs', queue);
    return v_msg_id;
end
$$;

comment on function casebase.enqueue(text, jsonb, text, int) is
    'Queue a job in the caller''s transaction and return its id; the same idempotency key returns the first job''s id. '
    'The payload holds ids, no personal data.';

revoke execute on function casebase.enqueue(text, jsonb, text, int) from public;
grant execute on function casebase.enqueue(text, jsonb, text, int) to casebase_api, service_role;
