-- Definer: staff read these tables and write them through functions alone.
create or replace function mortgage.record_scenario_event(payload jsonb) returns jsonb
    language plpgsql security definer
    set search_path = ''
as $$
declare
    v_type text := payload ->> 'event_type';
    v_given jsonb;
    v_schema jsonb;
    v_conversation_id text;
    v_case public.scenario_cases;
    v_occurred_at timestamptz;
    v_content jsonb;
    v_event_id uuid;
begin
    perform casebase.require_valid(payload, '{
        "type": "object",
        "required": ["event_type"],
        "properties": {
            "case_id": {"type": "string", "format": "uuid"},
            "conversation_id": {"type": "string", "pattern": "^[A-Za-z0-9][A-Za-z0-9_:-]{0,127}$",
                                "description": "must be an id of letters, digits, _, : and -"},
            "tenant_id": {"type": "string", "format": "uuid"},
            "event_type": {"type": "string",
                           "enum": ["chat", "reveal", "follow_up", "bank_quote", "doc_received", "signed"]},
            "payload": {"type": "object"},
            "occurred_at": {"type": "string", "format": "date-time"}
        }
    }');
    v_given := coalesce(nullif(payload -> 'payload', 'null'), '{}');
    v_schema := mortgage.event_schema(v_type);
    perform casebase.require_valid(
        jsonb_build_object('payload', (
            select coalesce(jsonb_object_agg(e.key, e.value), '{}') from jsonb_each(v_given) e
            where v_schema -> 'properties' ? e.key)),
        jsonb_build_object('type', 'object', 'properties', jsonb_build_object('payload', v_schema)));
    v_occurred_at := casebase.require_time(payload, 'occurred_at');

    v_conversation_id := coalesce(payload ->> 'conversation_id', v_given ->> 'conversation_id');
    v_case := mortgage.acting_case(coalesce(
        (payload ->> 'case_id')::uuid,
        mortgage.case_of_conversation((payload ->> 'tenant_id')::uuid, v_conversation_id)));
    if v_case.status = 'closed' then
        perform casebase.fail(409, 'case_closed', '{"field": "case_id"}');
    end if;

    v_content := mortgage.mask_banks(mortgage.clean_payload(v_case, v_given - '{actor,changes,conversation_id,is_start,is_unmasked,moved}'::text[], 'payload'));
    if casebase.calling_role() = 'authenticated' then
        v_content := v_content || jsonb_build_object('actor', mortgage.actor());
    end if;
    if v_conversation_id is not null and mortgage.tie_conversation(v_case, v_conversation_id) then
        v_content := v_content || '{"is_start": true}';
    end if;
    if v_case.status = 'draft' then
        update public.scenario_cases c set status = 'active' where c.id = v_case.id returning * into v_case;
        v_content := v_content || '{"moved": {"from": "draft", "to": "active"}}';
    end if;

    v_event_id := mortgage.add_event(v_case, v_type::public.scenario_event_type, v_content, v_occurred_at);
    perform mortgage.refresh_tags(v_case);
    return jsonb_build_object('case_id', v_case.id, 'event_id', v_event_id, 'status', v_case.status);
end
$$;

create or replace function public.record_scenario_event(payload jsonb) returns jsonb
    language sql
    set search_path = ''
as $$
    select mortgage.record_scenario_event(payload)
$$;

comment on function public.record_scenario_event(jsonb) is
    'Put what happened on a case''s timeline: {case_id or conversation_id, event_type chat | reveal | follow_up | bank_quote | '
    'doc_received | signed, payload, occurred_at = now, tenant_id?}. The first event of a draft makes it active; a '
    'conversation_id beside a case_id ties the two. Returns case_id, event_id, status. 404 case_not_found, '
    'conversation_not_found; 409 case_closed, conversation_taken; 422 invalid_input, rate_leak.';

revoke execute on function mortgage.record_scenario_event(jsonb), public.record_scenario_event(jsonb)
from public, anon, authenticated, service_role;
grant execute on function mortgage.record_scenario_event(jsonb), public.record_scenario_event(jsonb)
to authenticated, service_role;
