-- What reading masked data takes: the version of a case's context, and the indexes of the dashboards.

grant usage on schema mortgage to casebase_analyst, casebase_ai_broker;

create table mortgage.context_versions (
    case_id uuid not null,
    tenant_id uuid not null,
    changed_by xid8 not null,
    primary key (case_id, tenant_id),
    constraint context_versions_case_fkey foreign key (case_id, tenant_id)
        references public.scenario_cases (id, tenant_id)
);
comment on table mortgage.context_versions is
    'Which transaction wrote to a case last: what a cached context is good for. A row a case, written by triggers.';

-- Days are Singapore's, as in list_scenario_cases.
create index scenario_cases_tenant_id_day_idx
    on public.scenario_cases (tenant_id, ((created_at at time zone 'Asia/Singapore')::date));
create index scenario_outcomes_tenant_id_day_idx
    on public.scenario_outcomes (tenant_id, ((created_at at time zone 'Asia/Singapore')::date));
create index scenario_events_tenant_id_event_type_day_idx
    on public.scenario_events (tenant_id, event_type, ((occurred_at at time zone 'Asia/Singapore')::date))
    where event_type in ('chat', 'reveal', 'follow_up', 'bank_quote');
