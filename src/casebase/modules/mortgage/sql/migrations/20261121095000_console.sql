-- What staff keep for themselves in the console, and how they find cases.

create table mortgage.saved_filters (
    id uuid primary key default gen_random_uuid(),
    tenant_id uuid not null references public.tenants (id) on delete cascade,
    user_id uuid not null references auth.users (id) on delete cascade,
    name text not null,
    query_json jsonb not null,
    created_at timestamptz not null default casebase.now(),
    constraint one_name_a_person unique (user_id, tenant_id, name),
    constraint name_is_short check (length(name) between 1 and 60),
    constraint query_is_an_object check (jsonb_typeof(query_json) = 'object')
);
create index saved_filters_tenant_id_idx on mortgage.saved_filters (tenant_id);
comment on table mortgage.saved_filters is 'Filters of the list of cases that a member of staff gave a name.';

create index scenario_cases_tenant_id_next_review_at_idx
    on public.scenario_cases (tenant_id, next_review_at)
    where next_review_at is not null and status <> 'closed';
