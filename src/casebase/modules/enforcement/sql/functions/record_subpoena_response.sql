-- Definer: members read these tables and write them through functions alone.
create or replace function enforcement.record_subpoena_response(payload jsonb) returns jsonb
    language plpgsql security definer
    set search_path = ''
as $$
declare
    v_outcome text := coalesce(payload ->> 'outcome', 'complied');
    v_case public.enforcement_cases;
    v_action public.enforcement_actions;
    v_actor text;
    v_actor_type public.enforcement_actor_type := enforcement.actor_type();
    v_received_at timestamptz;
    v_review_at timestamptz;
    v_task_id uuid;
    v_event_id uuid;
begin
    perform casebase.require_valid(payload, '{
        "type": "object",
        "required": ["case_id"],
        "properties": {
            "case_id": {"type": "string", "format": "uuid"},
            "outcome": {"type": "string", "enum": ["complied", "partly_complied", "not_complied"]},
            "received_at": {"type": "string", "format": "date-time"},
            "document_path": {"type": "string", "maxLength": 400},
            "note": {"type": "string", "maxLength": 2000},
            "metadata": {"type": "object", "maxBytes": 16384},
            "review_due_at": {"type": "string", "format": "date-time"},
            "actor": {"type": "string", "maxLength": 120}
        }
    }');
    v_received_at := coalesce(casebase.require_time(payload, 'received_at'), casebase.now());
    v_review_at := coalesce(
        enforcement.require_due_at(payload, 'review_due_at', v_received_at), v_received_at + interval '3 days');

    v_case := enforcement.acting_open_case((payload ->> 'case_id')::uuid);
    if not exists (
        select from public.enforcement_actions a
        where a.enforcement_case_id = v_case.id and a.tenant_id = v_case.tenant_id and a.action_type = 'subpoena'
          and a.closed_at is null and a.status in ('issued', 'partly_complied', 'not_complied')
    ) then
        perform casebase.fail(409, 'subpoena_not_issued', '{"field": "case_id"}', 'Issue the subpoena first.');
    end if;

    v_actor := enforcement.actor(payload ->> 'actor');
    v_action := enforcement.put_action(
        v_case, 'subpoena', case v_outcome when 'complied' then 'completed' else v_outcome end, payload ->> 'note',
        coalesce(nullif(payload -> 'metadata', 'null'), '{}')
        || jsonb_build_object('outcome', v_outcome, 'received_at', v_received_at),
        v_actor, v_actor_type);

    -- Who answered in part still owes the rest, so that task stays.
    if v_outcome <> 'partly_complied' then
        select t.id into v_task_id from public.plaintiff_tasks t
        where t.enforcement_case_id = v_case.id and t.tenant_id = v_case.tenant_id and t.kind = 'subpoena_response'
          and t.status = 'open';
        if found then
            perform enforcement.finish_case_task(v_case, v_task_id, 'case_id', v_actor);
        end if;
    end if;
    v_event_id := enforcement.add_event(
        v_case,
        (case v_outcome when 'complied' then 'subpoena_complied' else 'note' end)::public.enforcement_event_kind,
        '{}', v_actor, v_actor_type, payload ->> 'document_path', v_task_id, v_received_at,
        jsonb_build_object('action_id', v_action.id, 'action_type', 'subpoena', 'outcome', v_outcome));

    return jsonb_build_object(
        'action_id', v_action.id,
        'status', v_action.status,
        'event_id', v_event_id,
        'review_due_at', v_review_at,
        'review_task_id', enforcement.schedule_case_task(
            v_case, 'subpoena_review',
            case v_outcome when 'not_complied' then 'Subpoena: decide what follows, nothing was answered'
                           else 'Subpoena: review the response' end,
            v_review_at, jsonb_build_object('action_id', v_action.id, 'outcome', v_outcome), v_actor));
end
$$;

create or replace function public.record_subpoena_response(payload jsonb) returns jsonb
    language sql
    set search_path = ''
as $$
    select enforcement.record_subpoena_response(payload)
$$;

comment on function public.record_subpoena_response(jsonb) is
    'Record what a case''s subpoena brought: {case_id, outcome? (complied, the default; partly_complied, not_complied), '
    'received_at?, document_path?, note?, metadata?, review_due_at?, actor?}. complied completes the action and writes '
    'subpoena_complied, the others a note, and the action stays open. Ends the task of the response, unless part is still '
    'owed, and schedules one of review, due in 3 days unless told. Returns {action_id, status, event_id, review_task_id, '
    'review_due_at}. 404 case_not_found; 409 case_closed, subpoena_not_issued, too_many_documents; 403 operator_required; 422 invalid_input.';

revoke execute on function enforcement.record_subpoena_response(jsonb), public.record_subpoena_response(jsonb)
from public, anon, authenticated, service_role;
grant execute on function enforcement.record_subpoena_response(jsonb), public.record_subpoena_response(jsonb)
to authenticated, service_role;
