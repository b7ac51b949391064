-- Counts come from enforcement.case_counts: to count a tenant's cases takes longer than a board may. What depends on the
-- clock is counted by an index that holds little else than the late ones' beginning.
create or replace view public.v_enforcement_overview with (security_invoker = on) as
select
    n.tenant_id,
    n.tier,
    n.current_stage,
    n.case_count,
    n.current_balance,
    l.sla_breach_count,
    f.next_action_at,
    round((extract(epoch from (select casebase.now())) - n.stage_entered / n.case_count) / 86400, 1) as days_in_stage,
    sum(n.case_count) over tiers as tier_case_count,
    sum(n.current_balance) over tiers as tier_balance,
    sum(l.sla_breach_count) over tiers as tier_sla_breach_count,
    sum(n.case_count) over stages as stage_case_count
from (
    select
        c.tenant_id,
        c.tier,
        c.current_stage,
        sum(c.case_count) as case_count,
        sum(c.current_balance) as current_balance,
        sum(c.stage_entered) as stage_entered
    from enforcement.case_counts c
    group by c.tenant_id, c.tier, c.current_stage
    having sum(c.case_count) > 0
) n
cross join lateral (
    select count(*) as sla_breach_count
    from public.enforcement_cases e
    where e.tenant_id = n.tenant_id and e.tier = n.tier and e.current_stage = n.current_stage and e.closed_at is null
      and e.next_action_at < (select casebase.now())
) l
cross join lateral (
    select min(e.next_action_at) as next_action_at
    from public.enforcement_cases e
    where e.tenant_id = n.tenant_id and e.tier = n.tier and e.current_stage = n.current_stage and e.closed_at is null
) f
window tiers as (partition by n.tenant_id, n.tier), stages as (partition by n.tenant_id, n.current_stage);

comment on view public.v_enforcement_overview is
    'A row a tenant, tier and stage of open cases: how many, what they owe together, how many are past their SLA, the '
    'earliest next action and the average days in the stage; tier_ and stage_ columns are the sums of a tier and of a stage.';
