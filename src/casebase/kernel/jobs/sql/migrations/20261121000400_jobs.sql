-- Queues on pgmq, what became of failed jobs, and the schedules. Jobs themselves live in pgmq.q_<queue>.

create table casebase.queues (
    name text primary key,
    max_attempts int not null default 5,
    backoff_s real not null default 2,
    is_paused boolean not null default false,
    created_at timestamptz not null default casebase.now(),
    constraint name_fits_pgmq check (name ~ '^[a-z][a-z0-9_]{0,46}$'),
    constraint max_attempts_in_range check (max_attempts between 1 and 100),
    constraint backoff_in_range check (backoff_s between 0 and 3600)
);
comment on table casebase.queues is 'The queues and their rules. A paused queue takes jobs and hands none out.';
comment on column casebase.queues.max_attempts is 'How often a job may be handed to a worker, whatever became of it there, before it is dead.';
comment on column casebase.queues.backoff_s is 'The first retry''s delay; it doubles with each attempt up to an hour, a quarter of it random.';
alter table casebase.queues enable row level security;

create table casebase.job_keys (
    queue text not null references casebase.queues (name) on delete cascade,
    key text not null,
    msg_id bigint,
    created_at timestamptz not null default casebase.now(),
    primary key (queue, key),
    constraint key_is_short check (length(key) between 1 and 255)
);
create index job_keys_created_at_idx on casebase.job_keys (created_at);
comment on table casebase.job_keys is
    'Idempotency keys of enqueued jobs, kept for 30 days, longer than the job itself: a key never makes a second job.';
alter table casebase.job_keys enable row level security;

create table casebase.job_failures (
    queue text not null references casebase.queues (name) on delete cascade,
    msg_id bigint not null,
    read_ct int not null,
    error_code text not null,
    error text not null,
    failed_at timestamptz not null default casebase.now(),
    primary key (queue, msg_id)
);
comment on table casebase.job_failures is 'The last failure of a job that will be tried again, scrubbed of personal data.';
alter table casebase.job_failures enable row level security;

create table casebase.dead_jobs (
    queue text not null references casebase.queues (name) on delete cascade,
    msg_id bigint not null,
    payload jsonb not null,
    attempts int not null,
    error_code text not null,
    error text not null,
    enqueued_at timestamptz not null,
    died_at timestamptz not null default casebase.now(),
    primary key (queue, msg_id)
);
create index dead_jobs_queue_died_at_idx on casebase.dead_jobs (queue, died_at);
comment on table casebase.dead_jobs is
    'Jobs that used up their attempts, kept until someone requeues or drops them. Payloads hold ids, errors are scrubbed.';
alter table casebase.dead_jobs enable row level security;

create table casebase.schedules (
    name text primary key,
    module text not null,
    cron text not null,
    queue text not null references casebase.queues (name),
    payload jsonb not null default '{}',
    is_enabled boolean not null default true,
    active_since timestamptz not null default casebase.now(),
    last_tick timestamptz,
    constraint payload_is_object check (jsonb_typeof(payload) = 'object')
);
create index schedules_queue_idx on casebase.schedules (queue);
comment on table casebase.schedules is 'Cron rules (UTC) as the installed modules declare them; one they no longer declare is disabled.';
comment on column casebase.schedules.active_since is 'When the rule became what it is: no earlier tick is run.';
alter table casebase.schedules enable row level security;

create table casebase.schedule_runs (
    schedule text not null references casebase.schedules (name) on delete cascade,
    tick timestamptz not null,
    msg_id bigint,
    created_at timestamptz not null default casebase.now(),
    primary key (schedule, tick)
);
create index schedule_runs_created_at_idx on casebase.schedule_runs (created_at);
comment on table casebase.schedule_runs is
    'Ticks that were run. The primary key is what makes it one run per tick, however many schedulers there are.';
alter table casebase.schedule_runs enable row level security;
