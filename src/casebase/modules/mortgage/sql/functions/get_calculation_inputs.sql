-- Definer: the actual rate and the facts are in tables that no role is granted.
-- Numbers travel as text, so that no reader rounds them through binary floating point.
create or replace function mortgage.get_calculation_inputs(case_id uuid, input_version int) returns jsonb
    language plpgsql stable security definer
    set search_path = ''
as $$
declare
    v_today date := (casebase.now() at time zone 'Asia/Singapore')::date;
    v_inputs jsonb;
begin
    if exists (
        select from public.scenario_cases c where c.id = get_calculation_inputs.case_id and c.erased_at is not null
    ) then
        perform casebase.fail(409, 'consent_ended', '{"field": "case_id"}', 'Without consent nobody is advised.');
    end if;
    select jsonb_strip_nulls(jsonb_build_object(
        'loan_amount', i.loan_amount::text,
        'tenure_months', i.tenure_months,
        'property_type', i.property_type,
        'current_rate', p.current_rate::text,
        'lock_in_remaining', i.lock_in_remaining,
        'owner_occupied', i.owner_occupied,
        'income_profile', (
            select jsonb_object_agg(e.key, e.value #>> '{}') from jsonb_each(i.income_profile_json) e
            where e.value <> 'null')))
    into v_inputs
    from public.scenario_inputs i
    join mortgage.private_inputs p using (case_id, tenant_id, version)
    where i.case_id = get_calculation_inputs.case_id and i.version = input_version;
    if not found then
        perform casebase.fail(404, 'inputs_not_found', '{"fields": ["case_id", "input_version"]}');
    end if;

    return jsonb_build_object(
        'on', v_today,
        'inputs', v_inputs,
        'facts', (
            select coalesce(jsonb_agg(to_jsonb(f) || jsonb_build_object('value', f.value::text)), '[]')
            from (
                select distinct on (r.fact_key) r.*
                from mortgage.rate_facts r
                where r.effective_from <= v_today
                order by r.fact_key, r.effective_from desc
            ) f));
end
$$;

create or replace function public.get_calculation_inputs(case_id uuid, input_version int) returns jsonb
    language sql stable
    set search_path = ''
as $$
    select mortgage.get_calculation_inputs(case_id, input_version)
$$;

comment on function public.get_calculation_inputs(uuid, int) is
    'What advising a case takes, for the service alone: {on, inputs, facts}, with the actual rate and today''s facts. '
    '404 inputs_not_found, 409 consent_ended.';

revoke execute on function mortgage.get_calculation_inputs(uuid, int), public.get_calculation_inputs(uuid, int) from public, anon, authenticated, service_role;
grant execute on function mortgage.get_calculation_inputs(uuid, int), public.get_calculation_inputs(uuid, int) to service_role;
