-- Definer: members read these tables and write them through functions alone.
-- The stage a case already has is a confirmation, not a change: it starts the wait for the next action anew, without an
-- event. So each change of stage has one event, and repeating a call adds none.
create or replace function enforcement.set_enforcement_stage(payload jsonb) returns jsonb
    language plpgsql security definer
    set search_path = ''
as $$
declare
    v_case public.enforcement_cases;
    v_stage text;
    v_due_at timestamptz;
    v_is_changed boolean;
    v_is_back boolean;
    v_actor text;
    v_delta jsonb;
begin
    perform casebase.require_valid(payload, jsonb_build_object(
        'type', 'object',
        'required', '["case_id", "stage"]'::jsonb,
        'properties', '{
            "case_id": {"type": "string", "format": "uuid"},
            "actor": {"type": "string", "maxLength": 120},
            "note": {"type": "string", "maxLength": 2000},
            "metadata": {"type": "object", "maxBytes": 4000},
            "override": {"type": "boolean"}
        }'::jsonb || jsonb_build_object('stage', jsonb_build_object('type', 'string', 'enum', (
            -- Closing takes more than a stage: close_enforcement_case.
            select jsonb_agg(s.stage order by s.ordinal) from public.enforcement_stage_lookup s where s.stage <> 'closed')))));

    v_case := enforcement.acting_open_case((payload ->> 'case_id')::uuid);
    v_stage := payload ->> 'stage';
    v_is_changed := v_stage <> v_case.current_stage;
    select target.ordinal < present.ordinal into strict v_is_back
    from public.enforcement_stage_lookup target, public.enforcement_stage_lookup present
    where target.stage = v_stage and present.stage = v_case.current_stage;
    if v_is_back and not coalesce((payload ->> 'override')::boolean, false) then
        perform casebase.fail(409, 'stage_goes_back', '{"field": "stage"}', 'Send override: true to go back to an earlier stage.');
    end if;

    v_actor := enforcement.actor(payload ->> 'actor');
    v_due_at := enforcement.due_after(v_stage, casebase.now());
    update public.enforcement_cases c
    set current_stage = v_stage, next_action_at = v_due_at,
        stage_entered_at = case when v_is_changed then casebase.now() else c.stage_entered_at end
    where c.id = v_case.id;

    v_delta := jsonb_build_object('next_action_at', jsonb_build_object('from', v_case.next_action_at, 'to', v_due_at));
    if v_is_changed then
        v_delta := v_delta || jsonb_build_object(
            'current_stage', jsonb_build_object('from', v_case.current_stage, 'to', v_stage));
        perform enforcement.add_event(
            v_case, 'case_stage_changed', jsonb_strip_nulls(jsonb_build_object('metadata', payload -> 'metadata')),
            v_actor, enforcement.actor_type(),
            facts => jsonb_build_object('from', v_case.current_stage, 'to', v_stage, 'override', v_is_back));
    else
        perform casebase.notify_live(v_case.tenant_id, 'enforcement.case', v_case.id);
    end if;
    perform enforcement.add_history(
        v_case, case when v_is_changed then 'stage_changed' else 'stage_confirmed' end, v_delta, payload ->> 'note',
        v_actor, enforcement.actor_type());

    return jsonb_build_object(
        'case_id', v_case.id,
        'stage', v_stage,
        'previous_stage', v_case.current_stage,
        'next_action_at', v_due_at,
        'is_changed', v_is_changed);
end
$$;

create or replace function public.set_enforcement_stage(payload jsonb) returns jsonb
    language sql
    set search_path = ''
as $$
    select enforcement.set_enforcement_stage(payload)
$$;

comment on function public.set_enforcement_stage(jsonb) is
    'Move a case to a stage and set when it wants its next action: {case_id, stage, override?, note?, metadata?, actor?}. An '
    'earlier stage needs override: true; the stage it has is confirmed, without an event; closed is close_enforcement_case''s. '
    'Returns case_id, stage, previous_stage, next_action_at, is_changed. '
    '404 case_not_found; 409 case_closed, stage_goes_back; 403 operator_required; 422 invalid_input.';

revoke execute on function enforcement.set_enforcement_stage(jsonb), public.set_enforcement_stage(jsonb)
from public, anon, authenticated, service_role;
grant execute on function enforcement.set_enforcement_stage(jsonb), public.set_enforcement_stage(jsonb)
to authenticated, service_role;
