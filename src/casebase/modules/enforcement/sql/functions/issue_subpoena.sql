-- Definer: members read these tables and write them through functions alone.
create or replace function enforcement.issue_subpoena(payload jsonb) returns jsonb
    language plpgsql security definer
    set search_path = ''
as $$
declare
    v_case public.enforcement_cases;
    v_action public.enforcement_actions;
    v_actor text;
    v_issued_at timestamptz;
    v_due_at timestamptz;
    v_facts jsonb;
    v_event_id uuid;
    v_document_id uuid;
    v_metadata jsonb;
begin
    perform casebase.require_valid(payload, '{
        "type": "object",
        "required": ["case_id", "document_path"],
        "properties": {
            "case_id": {"type": "string", "format": "uuid"},
            "document_path": {"type": "string", "maxLength": 400},
            "document_metadata": {"type": "object", "maxBytes": 4096},
            "recipient": {"type": "string", "minLength": 1, "maxLength": 200},
            "issued_at": {"type": "string", "format": "date-time"},
            "response_due_at": {"type": "string", "format": "date-time"},
            "metadata": {"type": "object", "maxBytes": 16384},
            "actor": {"type": "string", "maxLength": 120}
        }
    }');
    v_issued_at := coalesce(casebase.require_time(payload, 'issued_at'), casebase.now());
    v_due_at := coalesce(
        enforcement.require_due_at(payload, 'response_due_at', v_issued_at), v_issued_at + interval '21 days');

    v_case := enforcement.acting_open_case((payload ->> 'case_id')::uuid);
    if exists (
        select from public.enforcement_actions a
        where a.enforcement_case_id = v_case.id and a.tenant_id = v_case.tenant_id and a.action_type = 'subpoena'
          and a.closed_at is null and a.status in ('issued', 'partly_complied')
    ) then
        perform casebase.fail(409, 'subpoena_already_issued', '{"field": "case_id"}',
            'Record the response to the one that is out, or cancel it.');
    end if;

    v_actor := enforcement.actor(payload ->> 'actor');
    v_facts := jsonb_strip_nulls(jsonb_build_object(
        'recipient', payload -> 'recipient', 'issued_at', v_issued_at, 'response_due_at', v_due_at));
    v_action := enforcement.put_action(
        v_case, 'subpoena', 'issued', null, coalesce(nullif(payload -> 'metadata', 'null'), '{}') || v_facts, v_actor,
        enforcement.actor_type());
    v_metadata := coalesce(
        (select d.metadata from public.enforcement_documents d
         where d.enforcement_case_id = v_case.id and d.tenant_id = v_case.tenant_id and d.storage_path = payload ->> 'document_path'),
        '{}') || enforcement.clean_json(v_case.judgment_id, payload -> 'document_metadata');
    if octet_length(v_metadata::text) > 16384 then
        perform casebase.fail(422, 'invalid_input', jsonb_build_object('errors', jsonb_build_array(casebase.validation_error(
            'document_metadata', 'maxBytes', 'must not exceed 16384 bytes together with what the document has'))));
    end if;
    v_event_id := enforcement.add_event(
        v_case, 'subpoena_issued', v_facts, v_actor, enforcement.actor_type(), payload ->> 'document_path', null, v_issued_at,
        jsonb_build_object('action_id', v_action.id));
    update public.enforcement_documents d
    set metadata = v_metadata
    where d.enforcement_case_id = v_case.id and d.tenant_id = v_case.tenant_id and d.storage_path = payload ->> 'document_path'
    returning d.id into v_document_id;

    return jsonb_build_object(
        'action_id', v_action.id,
        'event_id', v_event_id,
        'document_id', v_document_id,
        'response_due_at', v_due_at,
        'task_id', enforcement.schedule_case_task(
            v_case, 'subpoena_response', 'Subpoena: the response is due', v_due_at,
            jsonb_build_object('action_id', v_action.id), v_actor));
end
$$;

create or replace function public.issue_subpoena(payload jsonb) returns jsonb
    language sql
    set search_path = ''
as $$
    select enforcement.issue_subpoena(payload)
$$;

comment on function public.issue_subpoena(jsonb) is
    'Issue a case''s subpoena: {case_id, document_path, document_metadata?, recipient?, issued_at?, response_due_at?, '
    'metadata?, actor?}. Opens the subpoena action, or takes up the one that is queued or went unanswered, as issued; '
    'writes subpoena_issued, keeps its document and makes a task for the response, due in 21 days unless told. Returns '
    '{action_id, event_id, document_id, task_id, response_due_at}. 404 case_not_found; 409 case_closed, '
    'subpoena_already_issued, too_many_documents; 403 operator_required; 422 invalid_input.';

revoke execute on function enforcement.issue_subpoena(jsonb), public.issue_subpoena(jsonb)
from public, anon, authenticated, service_role;
grant execute on function enforcement.issue_subpoena(jsonb), public.issue_subpoena(jsonb)
to authenticated, service_role;
