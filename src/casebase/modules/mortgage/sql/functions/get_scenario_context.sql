-- Invoker: the view decides which case is found, and what of it gets out.
create or replace function mortgage.get_scenario_context(case_id uuid) returns jsonb
    language plpgsql stable
    set search_path = ''
as $$
declare
    v_context jsonb;
begin
    select jsonb_build_object(
        'inputs', jsonb_build_object('summary', v.inputs_summary),
        'calculations', jsonb_build_object('recommendation', v.recommendation),
        'savings', v.savings,
        'hassle_score', v.hassle_score,
        'tags', v.tags,
        'reveal', v.reveal)
        || case when v.counter_offer is null then '{}' else jsonb_build_object('counter_offer', v.counter_offer) end
    into v_context
    from public.v_scenario_ai_context v
    where v.case_id = get_scenario_context.case_id;
    if not found then
        perform casebase.fail(404, 'case_not_found', '{"field": "case_id"}');
    end if;
    return v_context;
end
$$;

create or replace function public.get_scenario_context(case_id uuid) returns jsonb
    language sql stable
    set search_path = ''
as $$
    select mortgage.get_scenario_context(case_id)
$$;

comment on function public.get_scenario_context(uuid) is
    'What an AI broker may know of a case, masked: {inputs {summary}, calculations {recommendation}, savings, hassle_score, '
    'tags, reveal {is_enabled, is_revealed, last_revealed_at}, counter_offer? {quoted_at, bank_mask?, is_current_bank?, '
    'net_savings?, fees?, subsidy?, lock_in_months?, valid_until?}}; recommendation, savings and hassle_score are null until the advice is there. 404 case_not_found, also for another tenant''s.';

revoke execute on function mortgage.get_scenario_context(uuid), public.get_scenario_context(uuid)
    from public, anon, authenticated, service_role;
grant execute on function mortgage.get_scenario_context(uuid), public.get_scenario_context(uuid)
    to casebase_ai_broker, service_role;
