-- Definer: members read these tables and write them through functions alone.
create or replace function enforcement.schedule_call(payload jsonb) returns jsonb
    language plpgsql security definer
    set search_path = ''
as $$
declare
    v_plaintiff public.plaintiffs;
    v_case public.enforcement_cases;
    v_task_id uuid;
begin
    perform casebase.require_valid(payload, '{
        "type": "object",
        "required": ["plaintiff_id", "due_at"],
        "properties": {
            "plaintiff_id": {"type": "string", "format": "uuid"},
            "due_at": {"type": "string", "format": "date-time"},
            "case_id": {"type": "string", "format": "uuid"},
            "title": {"type": "string", "minLength": 1, "maxLength": 150}
        }
    }');
    perform enforcement.require_operator(
        (select p.tenant_id from public.plaintiffs p where p.id = (payload ->> 'plaintiff_id')::uuid),
        'plaintiff_not_found', 'plaintiff_id');
    if payload ->> 'case_id' is not null then
        v_case := enforcement.acting_open_case((payload ->> 'case_id')::uuid);
        if v_case.plaintiff_id <> (payload ->> 'plaintiff_id')::uuid then
            perform casebase.fail(422, 'invalid_input', jsonb_build_object('errors', jsonb_build_array(
                casebase.validation_error('case_id', 'plaintiff', 'must be a case of the plaintiff'))));
        end if;
    end if;
    select p.* into v_plaintiff from public.plaintiffs p where p.id = (payload ->> 'plaintiff_id')::uuid for no key update;
    if not found then
        perform casebase.fail(404, 'plaintiff_not_found', '{"field": "plaintiff_id"}');
    end if;

    v_task_id := enforcement.add_call_task(
        v_plaintiff, (payload ->> 'due_at')::timestamptz, 'due_at', v_case.id,
        left(enforcement.clean_notes(v_plaintiff, v_case.judgment_id, payload ->> 'title'), 200));
    perform casebase.notify_live(v_plaintiff.tenant_id, 'enforcement.calls', v_plaintiff.id);
    if v_case.id is not null then
        perform casebase.notify_live(v_case.tenant_id, 'enforcement.case', v_case.id);
    end if;
    return jsonb_build_object('task_id', v_task_id, 'due_at', (payload ->> 'due_at')::timestamptz);
end
$$;

create or replace function public.schedule_call(payload jsonb) returns jsonb
    language sql
    set search_path = ''
as $$
    select enforcement.schedule_call(payload)
$$;

comment on function public.schedule_call(jsonb) is
    'Plan a call to a plaintiff: {plaintiff_id, due_at (within a year from now), case_id? (open, and theirs), title?}. '
    'Returns {task_id, due_at}. 409 call_frequency_exceeded {field, rule, earliest_at} for a time that 12 CFR 1006.14(b)(2) '
    'forbids; 409 do_not_call, case_closed; 404 plaintiff_not_found, case_not_found; 403 operator_required; 422 invalid_input.';

revoke execute on function enforcement.schedule_call(jsonb), public.schedule_call(jsonb)
from public, anon, authenticated, service_role;
grant execute on function enforcement.schedule_call(jsonb), public.schedule_call(jsonb) to authenticated, service_role;
