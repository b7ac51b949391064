-- What lists and counts a tenant's many cases within milliseconds. Each filter of the pipeline looks at the open case and at
-- its docket: joined first, a rare combination costs a walk over both tables, so the case has a copy of what ranks it.

alter table public.enforcement_cases
    add column collectability_tier text not null default 'tier0',
    add column priority_level public.judgment_priority_level not null default 'normal',
    add column judgment_amount enforcement.money not null default 0,
    add column county text not null default '',
    add column state text not null default '',
    add column breach_alerted_for timestamptz;
comment on column public.enforcement_cases.collectability_tier is
    'As priority_level, judgment_amount, county and state the docket''s own, kept equal by triggers, so that one index filters and ranks.';
comment on column public.enforcement_cases.breach_alerted_for is 'The next_action_at whose passing was alerted of.';

update public.enforcement_cases e
set collectability_tier = d.collectability_tier, priority_level = d.priority_level, judgment_amount = d.judgment_amount,
    county = d.county, state = d.state
from judgments.cases d
where d.judgment_id = e.judgment_id and d.tenant_id = e.tenant_id;

create index enforcement_cases_ranking_idx on public.enforcement_cases
    (tenant_id, collectability_tier, priority_level, judgment_amount desc, judgment_id)
    include (current_stage, next_action_at, county, state) where closed_at is null;
create index enforcement_cases_tenant_id_county_idx on public.enforcement_cases (tenant_id, county, state) where closed_at is null;
create index enforcement_cases_tenant_id_tier_stage_idx on public.enforcement_cases
    (tenant_id, tier, current_stage, next_action_at) where closed_at is null;
create index enforcement_cases_tenant_id_reference_idx on public.enforcement_cases (tenant_id, reference);
create index enforcement_cases_tenant_id_status_opened_at_idx on public.enforcement_cases (tenant_id, status, opened_at desc, id);
-- An index alone answers only for pages that were vacuumed since they changed.
alter table public.enforcement_cases set (autovacuum_vacuum_scale_factor = 0.02);

alter table judgments.cases add column is_opened boolean not null default false;
comment on column judgments.cases.is_opened is 'Whether the judgment has, or had, an enforcement case; kept by a trigger.';

update judgments.cases d set is_opened = true
where exists (select from public.enforcement_cases e where e.judgment_id = d.judgment_id and e.tenant_id = d.tenant_id);

create index cases_unopened_ranking_idx on judgments.cases
    (tenant_id, collectability_tier, priority_level, judgment_amount desc, judgment_id)
    include (county, state) where not is_opened;
create index cases_tenant_id_case_number_idx on judgments.cases (tenant_id, (upper(case_number) collate "C"));

-- Changes, not totals: totals would make all who work on one tenant's cases wait for one row.
create table enforcement.case_counts (
    tenant_id uuid not null references public.tenants (id) on delete cascade,
    tier text not null,
    current_stage text not null,
    case_count bigint not null,
    current_balance numeric not null,
    stage_entered numeric not null,
    id bigint generated always as identity primary key
);
create index case_counts_tenant_id_idx on enforcement.case_counts (tenant_id);
comment on table enforcement.case_counts is
    'Open cases by tier and stage, as changes to be summed up; a job folds them into one row each every few minutes.';
comment on column enforcement.case_counts.stage_entered is 'The sum of stage_entered_at in seconds since 1970, for the average.';
alter table enforcement.case_counts enable row level security;

insert into enforcement.case_counts
select e.tenant_id, e.tier, e.current_stage, count(*), sum(e.current_balance::numeric), sum(extract(epoch from e.stage_entered_at))
from public.enforcement_cases e
where e.closed_at is null
group by e.tenant_id, e.tier, e.current_stage;

select casebase.create_queue('enforcement_metrics', 3);
