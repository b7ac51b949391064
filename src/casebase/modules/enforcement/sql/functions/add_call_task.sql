-- Whoever calls this has locked the plaintiff, so that of two calls planned at once the second finds the first.
create or replace function enforcement.add_call_task(
    plaintiff public.plaintiffs,
    due_at timestamptz,
    field text,
    case_id uuid default null,
    title text default null,
    metadata jsonb default '{}'
) returns uuid
    language plpgsql
    set search_path = ''
as $$
declare
    v_next record;
    v_task_id uuid;
begin
    if due_at <= casebase.now() - interval '5 minutes' or due_at > casebase.now() + interval '366 days' then
        perform casebase.fail(422, 'invalid_input', jsonb_build_object('errors', jsonb_build_array(
            casebase.validation_error(field, 'range', 'must be within a year from now'))));
    end if;
    if plaintiff.status = 'do_not_call' then
        perform casebase.fail(409, 'do_not_call', jsonb_build_object('field', field),
            'They asked not to be called. Log the call in which they ask to be called back first.');
    end if;
    v_next := enforcement.next_call(plaintiff, due_at, coalesce((metadata ->> 'is_asked_for')::boolean, false));
    if v_next.rule is not null then
        perform casebase.fail(409, 'call_frequency_exceeded',
            jsonb_build_object('field', field, 'rule', v_next.rule, 'earliest_at', v_next.allowed_at),
            'Plan the call for earliest_at or later, or leave it out.');
    end if;

    insert into public.plaintiff_tasks (
        tenant_id, plaintiff_id, enforcement_case_id, kind, title, due_at, metadata, created_by)
    values (
        plaintiff.tenant_id, plaintiff.id, case_id, 'call',
        coalesce(title, 'Call about ' || (select c.reference from public.enforcement_cases c where c.id = case_id),
                 'Call the plaintiff'),
        due_at, metadata, enforcement.actor())
    returning id into v_task_id;
    return v_task_id;
end
$$;

comment on function enforcement.add_call_task(public.plaintiffs, timestamptz, text, uuid, text, jsonb) is
    'Plan a call: 422 invalid_input for a time that is past or far; 409 do_not_call; 409 call_frequency_exceeded with the '
    'rule and earliest_at. Refusals name the caller''s field.';

revoke execute on function enforcement.add_call_task(public.plaintiffs, timestamptz, text, uuid, text, jsonb) from public;
