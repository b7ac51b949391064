-- Metrics over time: what was counted of them by the hour and the day, and the months that have had their time.

create table public.metric_rollups (
    tenant_id uuid not null references public.tenants (id) on delete cascade,
    name text not null,
    granularity text not null,
    starts_at timestamptz not null,
    count bigint not null,
    sum numeric not null,
    min numeric not null,
    max numeric not null,
    p50 numeric not null,
    p95 numeric not null,
    p99 numeric not null,
    updated_at timestamptz not null default casebase.now(),
    primary key (tenant_id, name, granularity, starts_at),
    constraint granularity_is_known check (granularity in ('hour', 'day')),
    constraint count_is_positive check (count > 0)
);
comment on table public.metric_rollups is
    'Metrics counted by the hour and by the day, in UTC, all tags together. Percentiles are readings (nearest rank).';

-- Marks are only added by who writes metrics, so that no writer waits for another.
create table frontdesk.metric_marks (
    tenant_id uuid not null references public.tenants (id) on delete cascade,
    name text not null,
    granularity text not null default 'hour',
    starts_at timestamptz not null,
    id bigint generated always as identity,
    primary key (tenant_id, name, granularity, starts_at, id),
    constraint granularity_is_known check (granularity in ('hour', 'day'))
);
comment on table frontdesk.metric_marks is
    'Hours and days that have metrics which are not in public.metric_rollups yet: readers look at the metrics themselves.';

create table frontdesk.expired_metrics (
    like public.analytics_metrics including defaults including constraints,
    primary key (id, created_at),
    foreign key (tenant_id) references public.tenants (id) on delete cascade
) partition by range (created_at);
create table frontdesk.expired_metrics_default partition of frontdesk.expired_metrics default;
create index expired_metrics_tenant_id_name_created_at_idx on frontdesk.expired_metrics (tenant_id, name, created_at);
comment on table frontdesk.expired_metrics is
    'Months that were taken out of public.analytics_metrics, each until it is exported.';
comment on table frontdesk.expired_metrics_default is
    'Where the rows of such months are after a restored dump; maintenance gives them back to public.analytics_metrics.';

create table frontdesk.metric_archives (
    id uuid primary key default gen_random_uuid(),
    month date not null,
    detached_at timestamptz not null default casebase.now(),
    dropped_at timestamptz,
    row_count bigint,
    constraint month_is_a_first check (extract(day from month) = 1),
    constraint a_dropped_one_has_its_count check ((dropped_at is null) = (row_count is null))
);
-- Rows that come for a month once it was dropped make another archive of it.
create unique index metric_archives_month_idx on frontdesk.metric_archives (month) where dropped_at is null;
create index metric_archives_month_detached_at_idx on frontdesk.metric_archives (month, detached_at);
comment on table frontdesk.metric_archives is
    'Months of metrics that had their time: taken out of the table, exported to the file store part by part, then dropped.';

create table frontdesk.metric_archive_parts (
    archive_id uuid not null references frontdesk.metric_archives (id) on delete cascade,
    part int not null,
    path text not null,
    sha256 text not null,
    row_count bigint not null,
    id_sum numeric not null,
    size_bytes bigint not null,
    created_at timestamptz not null default casebase.now(),
    primary key (archive_id, part),
    constraint path_is_one_files unique (path),
    constraint sha256_is_one check (sha256 ~ '^[0-9a-f]{64}$'),
    constraint counts_are_not_negative check (part >= 0 and row_count >= 0 and size_bytes >= 0)
);
comment on table frontdesk.metric_archive_parts is
    'Files of an archive: JSON lines, gzipped; part n holds the table''s blocks from n times 1000 on.';
comment on column frontdesk.metric_archive_parts.id_sum is
    'The sum of the hashes of its rows'' ids: before a month is dropped it is compared with what the table holds.';

alter table public.metric_rollups enable row level security;
