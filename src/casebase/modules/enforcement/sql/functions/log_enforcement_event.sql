-- Definer: members read these tables and write them through functions alone.
create or replace function enforcement.log_enforcement_event(payload jsonb) returns uuid
    language plpgsql security definer
    set search_path = ''
as $$
declare
    v_case public.enforcement_cases;
    v_kind enforcement.event_kinds;
    v_actor text;
    v_occurred_at timestamptz;
    v_column text;
    v_event_id uuid;
begin
    perform casebase.require_valid(payload, jsonb_build_object(
        'type', 'object',
        'required', '["case_id", "event_kind"]'::jsonb,
        'properties', '{
            "case_id": {"type": "string", "format": "uuid"},
            "payload": {"type": "object", "maxBytes": 16384},
            "document_path": {"type": "string", "maxLength": 400},
            "related_task_id": {"type": "string", "format": "uuid"},
            "occurred_at": {"type": "string", "format": "date-time"},
            "actor": {"type": "string", "maxLength": 120}
        }'::jsonb || jsonb_build_object('event_kind', jsonb_build_object('type', 'string', 'enum',
            (select jsonb_agg(k.event_kind order by k.event_kind) from enforcement.event_kinds k)))));
    if payload ->> 'event_kind' in ('case_stage_changed', 'payment_received') then
        perform casebase.fail(422, 'invalid_input', jsonb_build_object('errors', jsonb_build_array(
            casebase.validation_error('event_kind', 'rpc', case payload ->> 'event_kind'
                when 'payment_received' then 'is written by record_enforcement_payment'
                else 'is written by set_enforcement_stage' end))));
    end if;
    v_occurred_at := coalesce(casebase.require_time(payload, 'occurred_at'), casebase.now());
    select * into v_kind from enforcement.event_kinds k
    where k.event_kind = (payload ->> 'event_kind')::public.enforcement_event_kind;

    v_case := enforcement.acting_case((payload ->> 'case_id')::uuid);
    if v_case.closed_at is not null and not v_kind.is_taken_when_closed then
        perform casebase.fail(409, 'case_closed', '{"field": "case_id"}', 'Open a new case for the judgment.');
    end if;

    v_actor := enforcement.actor(payload ->> 'actor');
    if payload ->> 'related_task_id' is not null then
        perform enforcement.finish_case_task(v_case, (payload ->> 'related_task_id')::uuid, 'related_task_id', v_actor);
    end if;
    v_event_id := enforcement.add_event(
        v_case, v_kind.event_kind, payload -> 'payload', v_actor, enforcement.actor_type(), payload ->> 'document_path',
        (payload ->> 'related_task_id')::uuid, v_occurred_at);

    -- Events can be entered late: a workflow stands where its latest event in time put it, not the one last entered.
    if v_kind.workflow is not null and not exists (
        select from public.enforcement_events e
        join enforcement.event_kinds k on k.event_kind = e.event_kind and k.workflow = v_kind.workflow
        where e.enforcement_case_id = v_case.id and e.tenant_id = v_case.tenant_id and e.occurred_at > v_occurred_at
    ) then
        v_column := v_kind.workflow || '_status';
        if to_jsonb(v_case) ->> v_column is distinct from v_kind.status then
            update public.enforcement_cases c
            set levy_status = case v_kind.workflow when 'levy' then v_kind.status else c.levy_status end,
                garnishment_status = case v_kind.workflow when 'garnishment' then v_kind.status else c.garnishment_status end,
                marshal_status = case v_kind.workflow when 'marshal' then v_kind.status else c.marshal_status end
            where c.id = v_case.id;
            perform enforcement.add_history(
                v_case, 'workflow_changed',
                jsonb_build_object(v_column, jsonb_build_object('from', to_jsonb(v_case) -> v_column, 'to', v_kind.status)),
                null, v_actor, enforcement.actor_type());
        end if;
    end if;
    return v_event_id;
end
$$;

create or replace function public.log_enforcement_event(payload jsonb) returns uuid
    language sql
    set search_path = ''
as $$
    select enforcement.log_enforcement_event(payload)
$$;

comment on function public.log_enforcement_event(jsonb) is
    'Write what happened to a case: {case_id, event_kind, payload?, document_path?, related_task_id?, occurred_at?, actor?}. '
    'Filings and services need document_path; a document of our store must be the case''s. related_task_id ends that task. '
    'Levy, garnishment and marshal events move the case''s levy_status, garnishment_status, marshal_status. Notifies '
    'enforcement_events_channel with ids only. A closed case takes notes and bank_levy_released. Returns the event''s id. '
    '404 case_not_found, task_not_found; 409 case_closed, task_closed, too_many_documents; 403 operator_required; 422 invalid_input, also for '
    'case_stage_changed and payment_received, which have RPCs of their own.';

revoke execute on function enforcement.log_enforcement_event(jsonb), public.log_enforcement_event(jsonb)
from public, anon, authenticated, service_role;
grant execute on function enforcement.log_enforcement_event(jsonb), public.log_enforcement_event(jsonb)
to authenticated, service_role;
