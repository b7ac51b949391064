create or replace view public.v_enforcement_overview with (security_invoker = on) as
select
    c.tenant_id,
    c.tier,
    c.current_stage,
    count(*) as case_count,
    sum(c.current_balance::numeric) as current_balance,
    count(*) filter (where c.next_action_at < (select casebase.now())) as sla_breach_count,
    min(c.next_action_at) as next_action_at,
    extract(day from (select casebase.now()) - min(c.stage_entered_at))::int as days_in_stage,
    sum(count(*)) over tiers as tier_case_count,
    sum(sum(c.current_balance::numeric)) over tiers as tier_balance,
    sum(count(*)) over stages as stage_case_count
from public.enforcement_cases c
where c.closed_at is null
group by c.tenant_id, c.tier, c.current_stage
window tiers as (partition by c.tenant_id, c.tier), stages as (partition by c.tenant_id, c.current_stage);

comment on view public.v_enforcement_overview is
    'A row a tenant, tier and stage of open cases: how many, what they owe together, how many are past their SLA, the '
    'earliest next action and the most days in the stage; tier_ and stage_ columns are the sums of a tier and of a stage.';
