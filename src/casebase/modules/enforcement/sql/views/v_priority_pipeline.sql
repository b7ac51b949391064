-- Rows apart from ranks: what ranks is read in order from two indexes, and only the ranks that are asked for are joined.
-- judgments.cases comes by the snapshot, once: joining it as well would read every docket twice.
-- What ranks is given on as the indexes hold it, so that a tier's beginning, asked for in that order, is read and no more.
create or replace view enforcement.pipeline with (security_invoker = on) as
select
    s.tenant_id,
    s.judgment_id,
    e.id as case_id,
    e.reference,
    s.case_number,
    p.id as plaintiff_id,
    p.name as plaintiff_name,
    p.status as plaintiff_status,
    s.collectability_tier,
    e.tier,
    s.priority_level,
    s.judgment_amount,
    coalesce(e.current_balance, j.balance_due) as current_balance,
    s.county,
    s.state,
    e.current_stage as stage,
    e.next_action_at,
    coalesce(e.next_action_at < (select casebase.now()), false) as is_breached
from public.v_collectability_snapshot s
join public.judgments j on j.id = s.judgment_id and j.tenant_id = s.tenant_id
join public.plaintiffs p on p.id = j.plaintiff_id and p.tenant_id = j.tenant_id
left join public.enforcement_cases e
    on e.judgment_id = s.judgment_id and e.tenant_id = s.tenant_id and e.closed_at is null
where e.id is not null or not s.is_opened;

create or replace view public.v_priority_pipeline with (security_invoker = on) as
select
    p.plaintiff_name,
    p.judgment_id,
    r.collectability_tier,
    r.priority_level,
    r.judgment_amount,
    p.county,
    p.state,
    p.stage,
    p.plaintiff_status,
    r.tier_rank,
    r.tenant_id,
    p.case_id,
    p.reference,
    p.tier,
    p.current_balance,
    p.next_action_at,
    p.is_breached
from (
    select
        w.tenant_id,
        w.collectability_tier,
        w.priority_level,
        w.judgment_amount,
        w.judgment_id,
        row_number() over (
            partition by w.tenant_id, w.collectability_tier
            order by w.priority_level, w.judgment_amount desc, w.judgment_id) as tier_rank
    from (
        (select e.tenant_id, e.collectability_tier, e.priority_level, e.judgment_amount, e.judgment_id
         from public.enforcement_cases e where e.closed_at is null
         order by e.tenant_id, e.collectability_tier, e.priority_level, e.judgment_amount desc, e.judgment_id)
        union all
        (select d.tenant_id, d.collectability_tier, d.priority_level, d.judgment_amount, d.judgment_id
         from judgments.cases d where not d.is_opened
         order by d.tenant_id, d.collectability_tier, d.priority_level, d.judgment_amount desc, d.judgment_id)
    ) w
) r
join enforcement.pipeline p on p.judgment_id = r.judgment_id and p.tenant_id = r.tenant_id;

comment on view public.v_priority_pipeline is
    'What to work on: judgments whose case is open, and those without any case yet (stage null). tier_rank counts within a '
    'tenant''s collectability_tier: urgent before high, normal, low and on_hold, then the larger amount. Quick among many: '
    'filter tenant_id and collectability_tier, order by priority_level, judgment_amount desc, limit; ordered by tier_rank, or '
    'over all tiers, every rank is counted first. list_priority_pipeline pages the whole ranking.';
comment on column public.v_priority_pipeline.tier is
    'The open case''s own: an override, say. Ranks go by collectability_tier, the docket''s.';
