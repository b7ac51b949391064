-- Owner view and exposed view as in v_scenario_ai_context.sql. Each branch is read by its index on (tenant_id, day).
create or replace view mortgage.daily_counts as
select
    c.tenant_id,
    (c.created_at at time zone 'Asia/Singapore')::date as day,
    1 as new_cases,
    0 as reveals,
    0 as conversions
from public.scenario_cases c
union all
select
    e.tenant_id,
    (e.occurred_at at time zone 'Asia/Singapore')::date as day,
    0 as new_cases,
    -- A case that is shown packages three times a day is revealed to once.
    count(distinct e.case_id)::int as reveals,
    0 as conversions
from public.scenario_events e
where e.event_type = 'reveal'
group by e.tenant_id, (e.occurred_at at time zone 'Asia/Singapore')::date
union all
select
    o.tenant_id,
    (o.created_at at time zone 'Asia/Singapore')::date as day,
    0 as new_cases,
    0 as reveals,
    1 as conversions
from public.scenario_outcomes o
where o.decision in ('reprice', 'refinance');

create or replace view mortgage.stats_daily with (security_barrier) as
select
    d.tenant_id,
    d.day,
    sum(d.new_cases)::int as new_cases,
    sum(d.reveals)::int as reveals,
    sum(d.conversions)::int as conversions
from mortgage.daily_counts d
where d.tenant_id = any ((select mortgage.readable_tenants())::uuid[])
group by d.tenant_id, d.day;

create or replace view public.scenario_stats_daily with (security_invoker = on) as
select v.tenant_id, v.day, v.new_cases, v.reveals, v.conversions from mortgage.stats_daily v;

comment on view public.scenario_stats_daily is
    'A row a tenant and day (Singapore''s) on which something happened: cases opened, cases revealed to, cases that ended '
    'in repricing or refinancing (by the day their outcome was recorded).';
