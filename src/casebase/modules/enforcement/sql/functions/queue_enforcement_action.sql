-- Definer: members read these tables and write them through functions alone.
create or replace function enforcement.queue_enforcement_action(payload jsonb) returns uuid
    language plpgsql security definer
    set search_path = ''
as $$
declare
    v_case public.enforcement_cases;
    v_action public.enforcement_actions;
    v_actor text;
begin
    perform casebase.require_valid(payload, '{
        "type": "object",
        "required": ["case_id", "action_type", "status"],
        "properties": {
            "case_id": {"type": "string", "format": "uuid"},
            "action_type": {"type": "string", "enum": ["bank_levy", "garnishment", "subpoena", "marshal"]},
            "status": {"type": "string", "pattern": "^[a-z][a-z_]{0,39}$",
                       "description": "must be a snake_case word of at most 40 letters"},
            "status_reason": {"type": "string", "maxLength": 2000},
            "metadata": {"type": "object", "maxBytes": 16384},
            "actor": {"type": "string", "maxLength": 120}
        }
    }');
    if payload ->> 'action_type' = 'subpoena' and payload ->> 'status' = 'issued' then
        perform casebase.fail(422, 'invalid_input', jsonb_build_object('errors', jsonb_build_array(
            casebase.validation_error('status', 'rpc', 'is issue_subpoena''s to set: it keeps the document'))));
    end if;
    v_case := enforcement.acting_open_case((payload ->> 'case_id')::uuid);
    v_actor := enforcement.actor(payload ->> 'actor');
    v_action := enforcement.put_action(
        v_case, payload ->> 'action_type', payload ->> 'status', payload ->> 'status_reason', payload -> 'metadata',
        v_actor, enforcement.actor_type());
    if v_action.closed_at is not null then
        -- Nobody answers a subpoena that has ended. The plaintiff's lock comes before their tasks'.
        if v_action.action_type = 'subpoena' then
            perform from public.plaintiffs p where p.id = v_case.plaintiff_id and p.tenant_id = v_case.tenant_id for no key update;
            update public.plaintiff_tasks t
            set status = 'cancelled', closed_at = casebase.now(), closed_by = v_actor
            where t.enforcement_case_id = v_case.id and t.tenant_id = v_case.tenant_id and t.kind = 'subpoena_response'
              and t.status = 'open';
        end if;
        perform enforcement.add_event(
            v_case, 'note', '{}', v_actor, enforcement.actor_type(),
            facts => jsonb_build_object(
                'action_id', v_action.id, 'action_type', v_action.action_type, 'status', v_action.status));
    end if;
    -- Last and in the schema's words, as a payment's reference.
    if payload ->> 'status' <> all ('{queued,planned,filed,served,issued,answered,unanswered,completed,cancelled}')
       and not enforcement.is_impersonal(payload ->> 'status', enforcement.subject_of(v_case.judgment_id)) then
        perform casebase.fail(422, 'invalid_input', jsonb_build_object('errors', jsonb_build_array(
            casebase.validation_error('status', 'pattern', 'must be a snake_case word of at most 40 letters'))));
    end if;
    return v_action.id;
end
$$;

create or replace function public.queue_enforcement_action(payload jsonb) returns uuid
    language sql
    set search_path = ''
as $$
    select enforcement.queue_enforcement_action(payload)
$$;

comment on function public.queue_enforcement_action(jsonb) is
    'Open a levy, garnishment, subpoena or marshal action of a case, or bring the open one to another status: {case_id, '
    'action_type, status, status_reason?, metadata?, actor?}. metadata is merged. completed and cancelled end the action '
    'and write a note event; a subpoena''s open task of the response is cancelled with it. issue_subpoena alone makes a '
    'subpoena issued. Returns the action''s id. 404 case_not_found; 409 case_closed, action_not_open; '
    '403 operator_required; 422 invalid_input.';

revoke execute on function enforcement.queue_enforcement_action(jsonb), public.queue_enforcement_action(jsonb)
from public, anon, authenticated, service_role;
grant execute on function enforcement.queue_enforcement_action(jsonb), public.queue_enforcement_action(jsonb)
to authenticated, service_role;
