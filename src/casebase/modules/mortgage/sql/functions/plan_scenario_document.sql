-- Definer: acting_case locks the case, which staff have no privilege for.
create or replace function mortgage.plan_scenario_document(payload jsonb) returns jsonb
    language plpgsql security definer
    set search_path = ''
as $$
declare
    v_case public.scenario_cases;
begin
    perform casebase.require_valid(payload, '{
        "type": "object",
        "required": ["case_id", "doc_type"],
        "properties": {
            "case_id": {"type": "string", "format": "uuid"},
            "doc_type": {"type": "string", "enum": ["bank_quote", "letter_of_offer", "loan_statement", "income_proof", "identity",
                         "property", "other"]}
        }
    }');
    v_case := mortgage.acting_case((payload ->> 'case_id')::uuid);
    perform mortgage.require_room_for_document(v_case);
    return jsonb_build_object(
        'storage_path', format('mortgage/%s/%s/%s', v_case.tenant_id, v_case.id, gen_random_uuid()),
        'must_be_masked', payload ->> 'doc_type' = 'bank_quote');
end
$$;

create or replace function public.plan_scenario_document(payload jsonb) returns jsonb
    language sql
    set search_path = ''
as $$
    select mortgage.plan_scenario_document(payload)
$$;

comment on function public.plan_scenario_document(jsonb) is
    'Ask whether a document may be added, before its file is read: {case_id, doc_type}. Returns {storage_path, '
    'must_be_masked}; writes nothing. 404 case_not_found; 409 consent_ended, too_many_documents; 422 invalid_input.';

revoke execute on function mortgage.plan_scenario_document(jsonb), public.plan_scenario_document(jsonb) from public, anon, authenticated, service_role;
grant execute on function mortgage.plan_scenario_document(jsonb), public.plan_scenario_document(jsonb)
    to authenticated, service_role;
