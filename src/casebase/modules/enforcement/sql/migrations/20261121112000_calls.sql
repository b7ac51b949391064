-- Which calls come first at the desk, and how outreach plans them.

alter table public.plaintiff_tasks add column tier text not null default 'tier0'
    constraint tier_is_named check (tier ~ '^tier[0-9]$');
comment on column public.plaintiff_tasks.tier is
    'The case''s tier while the task is open, kept equal by triggers, so that one index ranks the call desk; tier0 without a case.';
create index plaintiff_tasks_tenant_id_kind_tier_due_at_idx
    on public.plaintiff_tasks (tenant_id, kind, tier, due_at, id) where status = 'open';

alter table enforcement.settings add column planned_calls_limit int not null default 500
    constraint planned_calls_are_few check (planned_calls_limit between 0 and 10000);
comment on column enforcement.settings.planned_calls_limit is 'How many calls may wait at the desk before outreach plans no more.';

create table enforcement.outreach_rules (
    plaintiff_status text primary key,
    lowest_tier text not null references public.enforcement_tier_lookup (tier),
    wait_days int not null,
    constraint plaintiff_status_is_snake_case check (plaintiff_status ~ '^[a-z][a-z_]{0,39}$'),
    constraint wait_days_are_within_a_year check (wait_days between 0 and 365)
);
create index outreach_rules_lowest_tier_idx on enforcement.outreach_rules (lowest_tier);
comment on table enforcement.outreach_rules is
    'Which plaintiffs outreach calls: from which tier of their cases on, and how many days after the latest call. A status without a row is never called.';

create table enforcement.contact_views (
    id uuid primary key default gen_random_uuid(),
    tenant_id uuid not null,
    plaintiff_id uuid not null,
    task_id uuid not null,
    viewed_by text not null,
    viewed_at timestamptz not null default casebase.now(),
    constraint contact_views_plaintiff_fkey foreign key (plaintiff_id, tenant_id)
        references public.plaintiffs (id, tenant_id) on delete cascade,
    constraint contact_views_task_fkey foreign key (task_id, tenant_id)
        references public.plaintiff_tasks (id, tenant_id) on delete cascade
);
create index contact_views_plaintiff_viewed_at_idx
    on enforcement.contact_views (plaintiff_id, tenant_id, viewed_at desc);
create index contact_views_task_id_idx on enforcement.contact_views (task_id, tenant_id);
comment on table enforcement.contact_views is
    'Who was shown a plaintiff''s telephone numbers, and when, append-only; each look is a row, with a case or without. Service role only.';
alter table enforcement.contact_views enable row level security;

-- How many jobs a tenant asked for is counted with each it asks for (enforcement.require_room_for_job).
select casebase.create_queue('enrich'), casebase.create_queue('outreach'), casebase.create_queue('enforce'),
       casebase.create_queue('case_copilot');
create index enrich_requested_idx on pgmq.q_enrich ((message ->> 'tenant_id')) where message ? 'requested_by';
create index outreach_requested_idx on pgmq.q_outreach ((message ->> 'tenant_id')) where message ? 'requested_by';
create index enforce_requested_idx on pgmq.q_enforce ((message ->> 'tenant_id')) where message ? 'requested_by';
create index case_copilot_requested_idx on pgmq.q_case_copilot ((message ->> 'tenant_id')) where message ? 'requested_by';
