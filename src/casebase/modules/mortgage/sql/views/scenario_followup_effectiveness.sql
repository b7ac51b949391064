-- Owner view and exposed view as in v_scenario_ai_context.sql. A row an event, so that any period can be asked about.
create or replace view mortgage.followup_effectiveness with (security_barrier) as
select
    e.tenant_id,
    e.case_id,
    e.event_type,
    (e.occurred_at at time zone 'Asia/Singapore')::date as day,
    o.decision,
    round((extract(epoch from o.created_at - e.occurred_at) / 3600)::numeric, 2) as hours_to_outcome
from public.scenario_events e
left join public.scenario_outcomes o on o.case_id = e.case_id and o.tenant_id = e.tenant_id
where e.event_type in ('chat', 'reveal', 'follow_up', 'bank_quote')
  and e.tenant_id = any ((select mortgage.readable_tenants())::uuid[])
  and coalesce(e.occurred_at <= o.created_at, true);

create or replace view public.scenario_followup_effectiveness with (security_invoker = on) as
select v.tenant_id, v.case_id, v.event_type, v.day, v.decision, v.hours_to_outcome
from mortgage.followup_effectiveness v;

comment on view public.scenario_followup_effectiveness is
    'A row a chat, reveal, follow-up or bank quote: how its case ended and how many hours later; both null while the case is open.';
