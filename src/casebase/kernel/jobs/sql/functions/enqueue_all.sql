-- Definer: whoever may enqueue must not thereby read or change other jobs. Workers are woken once.
create or replace function casebase.enqueue_all(queue text, payloads jsonb[], delay_s int default 0) returns bigint
    language plpgsql security definer
    set search_path = ''
as $$
declare
    v_count bigint;
begin
    perform casebase.require_queue(queue);
    if exists (
        select from unnest(payloads) p
        where jsonb_typeof(p) is distinct from 'object' or (length(p::text) > 250 and p::text ~ '\d{250}')
    ) then
        perform casebase.fail(422, 'invalid_input',
            '{"errors": [{"field": "payloads", "rule": "type", "message": "must be objects, without numbers of hundreds of digits"}]}');
    end if;
    -- pgmq refuses to send nothing.
    if coalesce(cardinality(payloads), 0) = 0 then
        return 0;
    end if;
    select count(*) into v_count from pgmq.send_batch(queue, payloads, delay_s);
    perform pg_notify('casebase_jobs', queue);
    return v_count;
end
$$;

comment on function casebase.enqueue_all(text, jsonb[], int) is
    'Queue many jobs in the caller''s transaction, in one statement, and return how many. Payloads hold ids, no personal data.';

revoke execute on function casebase.enqueue_all(text, jsonb[], int) from public;
grant execute on function casebase.enqueue_all(text, jsonb[], int) to casebase_api, service_role;
