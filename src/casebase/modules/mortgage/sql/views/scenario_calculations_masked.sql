-- Owner view and exposed view as in v_scenario_ai_context.sql. Without the paths: a rate can be computed from a loan and
-- its instalment.
create or replace view mortgage.masked_calculations with (security_barrier) as
select
    k.case_id,
    k.tenant_id,
    k.calc_version,
    k.input_version,
    k.recommendation,
    k.reason_codes,
    k.net_savings::numeric as net_savings,
    k.hassle_score,
    k.horizon_months,
    k.rule_version
from public.scenario_calculations k
where k.tenant_id = any ((select mortgage.readable_tenants())::uuid[]);

create or replace view public.scenario_calculations_masked with (security_invoker = on) as
select
    v.case_id, v.tenant_id, v.calc_version, v.input_version, v.recommendation, v.reason_codes, v.net_savings,
    v.hassle_score, v.horizon_months, v.rule_version
from mortgage.masked_calculations v;

comment on view public.scenario_calculations_masked is 'Advice for analysis: what was recommended, why and what it saves.';
