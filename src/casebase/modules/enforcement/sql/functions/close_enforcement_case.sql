-- Definer: members read these tables and write them through functions alone.
-- A case may end satisfied with a balance left (a settlement), so the event and the history tell what remains.
create or replace function enforcement.close_enforcement_case(payload jsonb) returns jsonb
    language plpgsql security definer
    set search_path = ''
as $$
declare
    v_case public.enforcement_cases;
    v_actor text;
    v_note text;
    v_actions text[];
    v_task_count int;
begin
    perform casebase.require_valid(payload, jsonb_build_object(
        'type', 'object',
        'required', '["case_id", "status"]'::jsonb,
        'properties', '{
            "case_id": {"type": "string", "format": "uuid"},
            "note": {"type": "string", "maxLength": 2000},
            "closed_by": {"type": "string", "maxLength": 120}
        }'::jsonb || jsonb_build_object('status', jsonb_build_object('type', 'string', 'enum',
            to_jsonb(enum_range('satisfied'::public.enforcement_case_status, null))))));

    v_case := enforcement.acting_open_case((payload ->> 'case_id')::uuid);
    v_actor := enforcement.actor(payload ->> 'closed_by');
    v_note := enforcement.clean_text(v_case.judgment_id, payload ->> 'note');

    with cancelled as (
        update public.enforcement_actions a
        set status = 'cancelled', status_reason = 'case closed', closed_at = casebase.now(), updated_by = v_actor
        where a.enforcement_case_id = v_case.id and a.closed_at is null
        returning a.action_type
    )
    select coalesce(array_agg(action_type order by action_type), '{}') into v_actions from cancelled;

    -- Whoever touches several tasks of a plaintiff holds the plaintiff: two who take them in other orders would wait
    -- for each other.
    perform from public.plaintiffs p where p.id = v_case.plaintiff_id for no key update;
    update public.plaintiff_tasks t
    set status = 'cancelled', closed_at = casebase.now(), closed_by = v_actor
    where t.enforcement_case_id = v_case.id and t.tenant_id = v_case.tenant_id and t.status = 'open';
    get diagnostics v_task_count = row_count;
    if v_task_count > 0 then
        perform casebase.notify_live(v_case.tenant_id, 'enforcement.calls', v_case.plaintiff_id);
    end if;

    update public.enforcement_cases c
    set status = (payload ->> 'status')::public.enforcement_case_status, current_stage = 'closed',
        stage_entered_at = casebase.now(), next_action_at = null, closed_at = casebase.now(),
        closure_reason = left(coalesce(v_note, payload ->> 'status'), 2000)
    where c.id = v_case.id;

    perform enforcement.add_event(
        v_case, 'case_stage_changed', '{}', v_actor, enforcement.actor_type(),
        facts => jsonb_build_object(
            'from', v_case.current_stage, 'to', 'closed', 'override', false,
            'status', payload -> 'status', 'balance', v_case.current_balance));
    perform enforcement.add_history(
        v_case, 'closed',
        jsonb_build_object(
            'status', jsonb_build_object('from', v_case.status, 'to', payload -> 'status'),
            'current_stage', jsonb_build_object('from', v_case.current_stage, 'to', 'closed'),
            'next_action_at', jsonb_build_object('from', v_case.next_action_at, 'to', null),
            'current_balance', jsonb_build_object('from', v_case.current_balance, 'to', v_case.current_balance),
            'open_actions', jsonb_build_object('from', v_actions, 'to', '[]'::jsonb),
            'open_tasks', jsonb_build_object('from', v_task_count, 'to', 0)),
        payload ->> 'note', v_actor, enforcement.actor_type());

    return jsonb_build_object(
        'case_id', v_case.id,
        'status', payload -> 'status',
        'balance', v_case.current_balance,
        'cancelled_actions', v_actions,
        'cancelled_tasks', v_task_count);
end
$$;

create or replace function public.close_enforcement_case(payload jsonb) returns jsonb
    language sql
    set search_path = ''
as $$
    select enforcement.close_enforcement_case(payload)
$$;

comment on function public.close_enforcement_case(jsonb) is
    'End the enforcement of a judgment: {case_id, status satisfied | uncollectible | withdrawn, note?, closed_by?}. The case '
    'awaits nothing any more: its open actions and tasks are cancelled, and the event tells the balance that remains. '
    'Returns case_id, status, balance, cancelled_actions, cancelled_tasks. '
    '404 case_not_found; 409 case_closed; 403 operator_required; 422 invalid_input.';

revoke execute on function enforcement.close_enforcement_case(jsonb), public.close_enforcement_case(jsonb)
from public, anon, authenticated, service_role;
grant execute on function enforcement.close_enforcement_case(jsonb), public.close_enforcement_case(jsonb)
to authenticated, service_role;
