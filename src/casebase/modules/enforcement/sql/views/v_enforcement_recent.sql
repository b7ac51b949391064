create or replace view public.v_enforcement_recent with (security_invoker = on) as
select
    c.tenant_id,
    c.id as case_id,
    c.reference,
    c.judgment_id,
    p.name as plaintiff_name,
    c.status,
    c.tier,
    c.current_stage,
    c.next_action_at,
    case when c.closed_at is null
        then extract(day from (select casebase.now()) - c.stage_entered_at)::int end as days_in_stage,
    coalesce(c.next_action_at < (select casebase.now()), false) as is_breached,
    c.current_balance::numeric as current_balance,
    e.event_kind as last_event_kind,
    e.occurred_at as last_event_at,
    c.opened_at,
    c.closed_at
from public.enforcement_cases c
join public.plaintiffs p on p.id = c.plaintiff_id and p.tenant_id = c.tenant_id
left join lateral (
    select n.event_kind, n.occurred_at from public.enforcement_events n
    where n.enforcement_case_id = c.id and n.tenant_id = c.tenant_id
    order by n.occurred_at desc, n.position desc limit 1
) e on true;

comment on view public.v_enforcement_recent is
    'A row a case, closed ones too: where it stands, for how long, and what happened last. Quick among many: filter tenant_id, '
    'order by opened_at desc, limit.';
