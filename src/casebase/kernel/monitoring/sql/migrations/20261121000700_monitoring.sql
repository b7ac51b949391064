-- What all processes together saw, and the alerts it gives rise to. Names of functions, tables and indexes only: nothing of
-- a tenant, nothing of a person.

create table casebase.call_stats (
    grain text not null,
    starts_at timestamptz not null,
    kind text not null,
    name text not null,
    ok bigint not null,
    refused bigint not null,
    failed bigint not null,
    seconds double precision not null,
    buckets bigint[] not null,
    primary key (grain, starts_at, kind, name),
    constraint grain_is_known check (grain in ('minute', 'hour', 'day')),
    constraint kind_is_known check (kind in ('function', 'table')),
    constraint buckets_are_all_there check (cardinality(buckets) = 14)
);
comment on table casebase.call_stats is
    'Calls by function, and by the tables they touch, of all processes: minutes are kept for 48 hours, hours and days for 90 days.';
comment on column casebase.call_stats.buckets is 'How many took how long, by casebase.latency_bounds(); the last bucket is open.';
alter table casebase.call_stats enable row level security;

create table casebase.pool_stats (
    grain text not null,
    starts_at timestamptz not null,
    size int not null,
    most_lent int not null,
    waited bigint not null,
    exhausted bigint not null,
    primary key (grain, starts_at),
    constraint grain_is_known check (grain in ('minute', 'hour', 'day'))
);
comment on table casebase.pool_stats is 'The connection pools of all processes; kept as casebase.call_stats.';
comment on column casebase.pool_stats.most_lent is 'The most connections that one process had lent at once, of at most size.';
comment on column casebase.pool_stats.exhausted is 'Calls that waited for a connection in vain.';
alter table casebase.pool_stats enable row level security;

create table casebase.table_samples (
    grain text not null,
    starts_at timestamptz not null,
    table_name text not null,
    bytes bigint not null,
    index_bytes bigint not null,
    estimated_rows bigint not null,
    sequential_scans bigint not null,
    index_scans bigint not null,
    primary key (grain, starts_at, table_name),
    constraint grain_is_known check (grain in ('minute', 'hour', 'day'))
);
comment on table casebase.table_samples is
    'Sizes and use of the tables, every five minutes; kept as casebase.call_stats, an hour''s and a day''s being the first in it.';
comment on column casebase.table_samples.bytes is 'All of it on disk: rows, TOAST and indexes.';
comment on column casebase.table_samples.index_scans is 'Since the server''s statistics began, as sequential_scans.';
alter table casebase.table_samples enable row level security;

create table casebase.alert_rules (
    kind text primary key,
    threshold double precision not null,
    clears_at double precision not null,
    look_back interval not null,
    least_calls int not null default 1,
    clears_after interval not null,
    is_enabled boolean not null default true,
    constraint kind_is_known check (kind in ('slow_calls', 'failing_calls', 'pool_exhausted', 'large_table')),
    constraint clears_at_or_below_threshold check (clears_at <= threshold),
    constraint intervals_are_not_negative check (look_back >= '0' and clears_after >= '0')
);
comment on table casebase.alert_rules is 'When the operators are told. Values are theirs to change; new releases leave them.';
comment on column casebase.alert_rules.threshold is
    'An alert is raised above it: seconds (slow_calls: p95), a share (failing_calls), calls (pool_exhausted), bytes (large_table).';
comment on column casebase.alert_rules.look_back is 'Of which time the value is; a large table''s is its latest sample.';
comment on column casebase.alert_rules.clears_at is 'An alert stays open above it, so that a value around the threshold is told of once.';
comment on column casebase.alert_rules.clears_after is 'How long the value has to stay at clears_at or below.';
comment on column casebase.alert_rules.least_calls is 'How many calls within look_back it takes to raise one.';
alter table casebase.alert_rules enable row level security;

create table casebase.alerts (
    id uuid primary key default gen_random_uuid(),
    kind text not null references casebase.alert_rules (kind),
    subject text not null,
    value double precision not null,
    raised_at timestamptz not null default casebase.now(),
    last_over_at timestamptz not null default casebase.now(),
    cleared_at timestamptz,
    constraint cleared_after_raised check (cleared_at >= raised_at)
);
create unique index alerts_one_open on casebase.alerts (kind, subject) where cleared_at is null;
create index alerts_cleared_at_idx on casebase.alerts (cleared_at);
comment on table casebase.alerts is 'Alerts that are open, and those cleared within 90 days. Of one kind and subject one can be open.';
comment on column casebase.alerts.subject is 'A function, a table as schema.table, or the word pool.';
comment on column casebase.alerts.value is 'The latest value above clears_at.';
alter table casebase.alerts enable row level security;
