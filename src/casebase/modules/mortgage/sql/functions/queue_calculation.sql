create or replace function mortgage.queue_calculation(case_id uuid, input_version int) returns bigint
    language sql
    set search_path = ''
as $$
    select casebase.enqueue(
        'mortgage_calculation',
        jsonb_build_object('case_id', case_id, 'input_version', input_version),
        format('%s:%s', case_id, input_version))
$$;

comment on function mortgage.queue_calculation(uuid, int) is 'Queue the advice on one version of a case''s inputs, once; return the job''s id.';

revoke execute on function mortgage.queue_calculation(uuid, int) from public;
