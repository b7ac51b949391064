-- A case's history, events, tasks and actions, each read by its index on the case.
create or replace view public.v_enforcement_timeline with (security_invoker = on) as
select
    e.tenant_id,
    e.enforcement_case_id as case_id,
    'event' as entry,
    e.id as entry_id,
    e.occurred_at,
    e.position,
    e.event_kind::text as kind,
    null as status,
    e.payload as detail,
    null as note,
    e.actor,
    e.actor_type,
    e.document_path
from public.enforcement_events e
union all
select
    h.tenant_id, h.enforcement_case_id, 'history', h.id, h.created_at, h.position, h.change, null, h.delta, h.note, h.actor,
    h.actor_type, null
from public.enforcement_history h
union all
select
    t.tenant_id, t.enforcement_case_id, 'task', t.id, t.created_at, 0, t.kind, t.status::text,
    jsonb_build_object('title', t.title, 'due_at', t.due_at, 'closed_at', t.closed_at), null, t.created_by, null, null
from public.plaintiff_tasks t
where t.enforcement_case_id is not null
union all
select
    a.tenant_id, a.enforcement_case_id, 'action', a.id, a.opened_at, 0, a.action_type, a.status,
    a.metadata || jsonb_build_object('closed_at', a.closed_at), a.status_reason, a.created_by, null, null
from public.enforcement_actions a;

comment on view public.v_enforcement_timeline is
    'Everything that was written to a case, to be ordered by occurred_at: events, history (detail is the delta), tasks and '
    'actions (at the time they were opened, with the status they have now).';
