-- Definer: it writes the unexposed facts. Called by casebase.complete_job, in the transaction that ends the job.
create or replace function mortgage.save_calculation(payload jsonb) returns void
    language plpgsql security definer
    set search_path = ''
as $$
declare
    v_advice jsonb := payload -> 'advice';
    v_case public.scenario_cases;
    v_calculation public.scenario_calculations;
begin
    perform casebase.require_valid(payload, '{
        "type": "object",
        "required": ["case_id", "input_version", "advice", "record"],
        "properties": {
            "case_id": {"type": "string", "format": "uuid"},
            "input_version": {"type": "integer", "minimum": 1},
            "advice": {"type": "object"},
            "record": {"type": "object"}
        }
    }');

    -- The row lock orders calculations of one case: versions are consecutive, and the second of two equal ones sees the first.
    select * into v_case from public.scenario_cases c where c.id = (payload ->> 'case_id')::uuid for update;
    if not found then
        perform casebase.fail(404, 'case_not_found', '{"field": "case_id"}');
    end if;
    -- Consent ended while the advice was computed: it would bring back what was just erased.
    if v_case.erased_at is not null then
        return;
    end if;

    insert into public.scenario_calculations (
        tenant_id, case_id, calc_version, input_version, stay_json, reprice_json, refi_json, recommendation,
        reason_codes, net_savings, hassle_score, horizon_months, affordability_json, rule_version, rate_facts,
        facts_hash, result_hash)
    values (
        v_case.tenant_id, v_case.id, v_case.latest_calc_version + 1, (payload ->> 'input_version')::numeric::int,
        v_advice -> 'stay_json', v_advice -> 'reprice_json', v_advice -> 'refi_json',
        (v_advice ->> 'recommendation')::public.scenario_recommendation,
        array(select jsonb_array_elements_text(v_advice -> 'reason_codes')),
        (v_advice ->> 'net_savings')::numeric,
        (v_advice ->> 'hassle_score')::int,
        (v_advice ->> 'horizon_months')::int,
        nullif(v_advice -> 'affordability', 'null'),
        v_advice ->> 'rule_version',
        array(select jsonb_array_elements_text(v_advice -> 'rate_facts')),
        v_advice ->> 'facts_hash',
        v_advice ->> 'result_hash')
    on conflict on constraint one_row_a_result do nothing
    returning * into v_calculation;
    if not found then
        return;
    end if;

    insert into mortgage.calculation_facts (tenant_id, case_id, calc_version, record_json)
    values (v_case.tenant_id, v_case.id, v_calculation.calc_version, payload -> 'record');

    -- A job for older inputs may end late: it gets its version, and the case keeps the advice on its newest inputs.
    update public.scenario_cases c
    set latest_calc_version = v_calculation.calc_version,
        recommendation = case when v_calculation.input_version = c.latest_input_version
                              then v_calculation.recommendation else c.recommendation end,
        net_savings = case when v_calculation.input_version = c.latest_input_version
                           then v_calculation.net_savings else c.net_savings end
    where c.id = v_case.id
    returning * into v_case;
    perform mortgage.refresh_tags(v_case);

    insert into public.scenario_events (tenant_id, case_id, event_type, payload_json)
    values (v_case.tenant_id, v_case.id, 'calculation', jsonb_build_object(
        'calc_version', v_calculation.calc_version,
        'input_version', v_calculation.input_version,
        'recommendation', v_calculation.recommendation,
        'net_savings', v_calculation.net_savings,
        'hassle_score', v_calculation.hassle_score));

    perform casebase.notify_live(v_case.tenant_id, 'mortgage.case', v_case.id);
end
$$;

comment on function mortgage.save_calculation(jsonb) is
    'Save {case_id, input_version, advice, record} as the case''s next calculation with its event; an equal result is kept once.';

revoke execute on function mortgage.save_calculation(jsonb) from public;
grant execute on function mortgage.save_calculation(jsonb) to service_role;
