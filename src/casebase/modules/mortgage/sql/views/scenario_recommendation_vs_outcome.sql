-- Owner view and exposed view as in v_scenario_ai_context.sql.
create or replace view mortgage.recommendation_vs_outcome with (security_barrier) as
select
    o.tenant_id,
    (o.created_at at time zone 'Asia/Singapore')::date as day,
    c.recommendation,
    o.decision,
    coalesce(c.recommendation::text = o.decision::text, false) as is_followed,
    count(*)::int as cases,
    sum(c.net_savings)::numeric as net_savings
from public.scenario_outcomes o
join public.scenario_cases c on c.id = o.case_id and c.tenant_id = o.tenant_id
where o.tenant_id = any ((select mortgage.readable_tenants())::uuid[])
group by o.tenant_id, (o.created_at at time zone 'Asia/Singapore')::date, c.recommendation, o.decision;

create or replace view public.scenario_recommendation_vs_outcome with (security_invoker = on) as
select v.tenant_id, v.day, v.recommendation, v.decision, v.is_followed, v.cases, v.net_savings
from mortgage.recommendation_vs_outcome v;

comment on view public.scenario_recommendation_vs_outcome is
    'How many cases ended how, by what was recommended and the day (Singapore''s) their outcome was recorded; '
    'recommendation is null for a case that ended before its advice.';
