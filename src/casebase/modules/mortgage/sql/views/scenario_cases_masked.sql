-- Owner view and exposed view as in v_scenario_ai_context.sql. Of who asks nothing gets out, not even initials.
create or replace view mortgage.masked_cases with (security_barrier) as
select
    c.id as case_id,
    c.tenant_id,
    c.status,
    c.source,
    c.recommendation,
    c.net_savings::numeric as net_savings,
    c.latest_input_version,
    c.latest_calc_version,
    (c.created_at at time zone 'Asia/Singapore')::date as opened_on,
    (c.closed_at at time zone 'Asia/Singapore')::date as closed_on
from public.scenario_cases c
where c.tenant_id = any ((select mortgage.readable_tenants())::uuid[]);

create or replace view public.scenario_cases_masked with (security_invoker = on) as
select
    v.case_id, v.tenant_id, v.status, v.source, v.recommendation, v.net_savings, v.latest_input_version,
    v.latest_calc_version, v.opened_on, v.closed_on
from mortgage.masked_cases v;

comment on view public.scenario_cases_masked is
    'Cases for analysis: no initials, no lead, no consent, no notes, days instead of instants (Singapore''s).';
