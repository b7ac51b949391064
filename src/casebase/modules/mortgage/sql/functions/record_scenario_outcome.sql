-- Definer: staff read these tables and write them through functions alone.
create or replace function mortgage.record_scenario_outcome(payload jsonb) returns jsonb
    language plpgsql security definer
    set search_path = ''
as $$
declare
    v_case public.scenario_cases;
    v_outcome public.scenario_outcomes;
begin
    perform casebase.require_valid(payload, jsonb_build_object(
        'type', 'object',
        'required', '["case_id", "decision"]'::jsonb,
        'properties', '{
            "case_id": {"type": "string", "format": "uuid"},
            "bank": {"type": "string", "minLength": 1, "maxLength": 80},
            "loan_quantum": {"type": "number", "minimum": 0, "maximum": 100000000, "multipleOf": 0.01},
            "commission_estimate": {"type": "number", "minimum": 0, "maximum": 100000000, "multipleOf": 0.01},
            "signed_at": {"type": "string", "format": "date-time"},
            "notes": {"type": "string", "maxLength": 8000}
        }'::jsonb || jsonb_build_object(
            'decision', jsonb_build_object('type', 'string', 'enum', to_jsonb(enum_range(null::public.scenario_decision))),
            'decision_reason', jsonb_build_object(
                'type', 'string', 'enum', to_jsonb(enum_range(null::public.scenario_decision_reason))),
            'hurdles', jsonb_build_object('type', 'array', 'maxItems', 20, 'items', jsonb_build_object(
                'type', 'string', 'enum', to_jsonb(enum_range(null::public.scenario_hurdle)))))));

    v_case := mortgage.acting_case((payload ->> 'case_id')::uuid);
    -- The case's lock makes the second of two outcomes see the first.
    if v_case.status = 'closed' then
        perform casebase.fail(409, 'case_closed', '{"field": "case_id"}', 'It has its outcome.');
    end if;

    insert into public.scenario_outcomes (
        tenant_id, case_id, decision, decision_reason, hurdles, bank_mask, loan_quantum, commission_estimate, signed_at, notes)
    values (
        v_case.tenant_id, v_case.id,
        (payload ->> 'decision')::public.scenario_decision,
        (payload ->> 'decision_reason')::public.scenario_decision_reason,
        array(select distinct h::public.scenario_hurdle
              from jsonb_array_elements_text(coalesce(nullif(payload -> 'hurdles', 'null'), '[]')) h order by 1),
        mortgage.mask_banks(payload -> 'bank', true) #>> '{}',
        (payload ->> 'loan_quantum')::numeric,
        (payload ->> 'commission_estimate')::numeric,
        casebase.require_time(payload, 'signed_at'),
        mortgage.clean_text(v_case, payload ->> 'notes', 'notes'))
    returning * into v_outcome;

    update public.scenario_cases c
    set status = 'closed', closed_at = casebase.now(), tags_due_at = null
    where c.id = v_case.id;

    -- The commission is the house's own affair, and notes are free text: neither goes where webhooks read.
    perform mortgage.add_event(v_case, 'outcome', jsonb_strip_nulls(jsonb_build_object(
        'actor', mortgage.actor(),
        'decision', v_outcome.decision,
        'decision_reason', v_outcome.decision_reason,
        'hurdles', v_outcome.hurdles,
        'bank', v_outcome.bank_mask,
        'loan_quantum', v_outcome.loan_quantum,
        'signed_at', v_outcome.signed_at,
        'moved', jsonb_build_object('from', v_case.status, 'to', 'closed'))));
    return jsonb_build_object('case_id', v_case.id, 'outcome_id', v_outcome.id, 'status', 'closed');
end
$$;

create or replace function public.record_scenario_outcome(payload jsonb) returns jsonb
    language sql
    set search_path = ''
as $$
    select mortgage.record_scenario_outcome(payload)
$$;

comment on function public.record_scenario_outcome(jsonb) is
    'Close a case with how it ended: {case_id, decision stay | reprice | refinance | lost | dormant, decision_reason?, hurdles?, '
    'bank?, loan_quantum?, commission_estimate?, signed_at?, notes?}. Returns case_id, outcome_id, status. '
    '404 case_not_found; 409 case_closed when it has one already; 422 invalid_input, rate_leak.';

revoke execute on function mortgage.record_scenario_outcome(jsonb), public.record_scenario_outcome(jsonb)
from public, anon, authenticated, service_role;
grant execute on function mortgage.record_scenario_outcome(jsonb), public.record_scenario_outcome(jsonb)
to authenticated, service_role;
