-- Who is due for which nudge, what was sent, and what organisations and people decided about it
-- (specs/notifications.md). organization_id is the tenant's id.
--
-- This file may be run twice, as the specification asks of it. Nothing here names or reaches anybody: people are ids, and
-- metadata that holds a national id, an e-mail or a telephone is refused by the database.

create schema if not exists notifications;
comment on schema notifications is 'Implementation of the notifications module and its rules. Not exposed.';
revoke all on schema notifications from public;
grant usage on schema notifications to anon, authenticated, service_role;
alter default privileges in schema notifications revoke execute on functions from public;

-- For constraints over ids and times together; in the schema that Supabase keeps for extensions.
create schema if not exists extensions;
create extension if not exists btree_gist with schema extensions;

-- What people did: the facts that rules look at

create table if not exists public.activities (
    id uuid primary key default gen_random_uuid(),
    organization_id uuid not null default casebase.default_tenant() references public.tenants (id),
    user_id uuid not null references auth.users (id) on delete cascade,
    activity_date date not null,
    kind text not null default 'activity',
    created_at timestamptz not null default casebase.now(),
    constraint activity_date_is_a_day check (activity_date >= '2000-01-01' and activity_date < '2200-01-01'),
    constraint activity_kind_is_snake_case check (kind ~ '^[a-z][a-z0-9_]{0,39}$')
);
create index if not exists activities_user_id_activity_date_idx on public.activities (user_id, activity_date);
-- All that the rules ask, so they read no table: a batch of people is one stretch of it.
create index if not exists activities_standing_idx on public.activities (organization_id, user_id, activity_date);
comment on table public.activities is 'What somebody did for an organisation, by the calendar day where they live.';

create table if not exists public.certifications (
    id uuid primary key default gen_random_uuid(),
    organization_id uuid not null default casebase.default_tenant() references public.tenants (id),
    user_id uuid not null references auth.users (id) on delete cascade,
    name text not null,
    expires_on date not null,
    created_at timestamptz not null default casebase.now(),
    updated_at timestamptz not null default casebase.now(),
    constraint certifications_organization_id_user_id_name_key unique (organization_id, user_id, name),
    constraint certification_name_is_short check (length(name) between 1 and 120),
    constraint expires_on_is_a_day check (expires_on >= '2000-01-01' and expires_on < '2200-01-01')
);
create index if not exists certifications_user_id_idx on public.certifications (user_id);
comment on table public.certifications is
    'What somebody is certified for, and until which day. Renewing changes the day, and its reminders begin anew.';

create table if not exists public.device_tokens (
    id uuid primary key default gen_random_uuid(),
    user_id uuid not null references auth.users (id) on delete cascade,
    token text not null,
    platform text not null,
    last_seen_at timestamptz not null default casebase.now(),
    revoked_at timestamptz,
    created_at timestamptz not null default casebase.now(),
    constraint device_tokens_token_key unique (token),
    constraint platform_is_known check (platform in ('android', 'ios', 'web')),
    -- It is a key of an index, whose entries hold 2,700 bytes at most, and is sent in a line of JSON or of a header.
    constraint token_is_short check (token ~ '^[!-~]+$' and length(token) between 8 and 2000)
);
create index if not exists device_tokens_user_id_idx on public.device_tokens (user_id) where revoked_at is null;
create index if not exists device_tokens_owner_idx on public.device_tokens (user_id);
comment on table public.device_tokens is
    'Where somebody''s pushes go. A token belongs to who registered it last; a revoked one is never sent to.';

-- What people and organisations decided

create table if not exists public.notification_preferences (
    user_id uuid not null references auth.users (id) on delete cascade,
    scenario_type text not null,
    enabled boolean not null default true,
    quiet_from time,
    quiet_until time,
    timezone text,
    language text,
    updated_at timestamptz not null default casebase.now(),
    primary key (user_id, scenario_type),
    constraint preferred_scenario_type_is_known check (
        scenario_type in ('inactivity', 'milestone', 'certification_expiry', 'welcome_back')),
    constraint preferred_quiet_hours_are_whole check (
        (quiet_from is null) = (quiet_until is null) and quiet_from <> quiet_until),
    -- The server's own reading of the name: an unknown one is an error here, and so never one in a run. Null is said, as
    -- `null and false` is false.
    constraint preferred_timezone_is_one check (
        timezone is null
        or length(timezone) between 1 and 60 and timezone(timezone, '2000-01-01 00:00:00+00'::timestamptz) is not null),
    constraint preferred_language_is_known check (language in ('en', 'nb'))
);
comment on table public.notification_preferences is
    'What somebody wants of each scenario. A row decides: without quiet hours there are none, without a time zone or a '
    'language it is the organisation''s. No row: enabled, at the organisation''s hours.';

create table if not exists notifications.settings (
    organization_id uuid primary key references public.tenants (id) on delete cascade,
    timezone text not null default 'Europe/Oslo',
    language text not null default 'en',
    quiet_from time,
    quiet_until time,
    updated_at timestamptz not null default casebase.now(),
    constraint quiet_hours_are_whole check (
        (quiet_from is null) = (quiet_until is null) and quiet_from <> quiet_until),
    constraint timezone_is_one check (
        length(timezone) between 1 and 60 and timezone(timezone, '2000-01-01 00:00:00+00'::timestamptz) is not null),
    constraint language_is_known check (language in ('en', 'nb'))
);
comment on table notifications.settings is 'What holds in an organisation for people who decided nothing themselves.';

create table if not exists notifications.scenario_defaults (
    scenario_type text primary key,
    threshold int[] not null,
    cooldown interval not null,
    batch_size int not null default 20000,
    constraint default_scenario_type_is_known check (
        scenario_type in ('inactivity', 'milestone', 'certification_expiry', 'welcome_back'))
);
comment on table notifications.scenario_defaults is 'The rules of organisations that have none of their own. Rows, so they can be changed.';

create table if not exists public.scenario_evaluation_config (
    organization_id uuid not null references public.tenants (id) on delete cascade,
    scenario_type text not null,
    enabled boolean not null default true,
    threshold int[],
    cooldown interval,
    batch_size int,
    last_run_at timestamptz,
    last_evaluated_count bigint,
    updated_at timestamptz not null default casebase.now(),
    primary key (organization_id, scenario_type),
    constraint configured_scenario_type_is_known check (
        scenario_type in ('inactivity', 'milestone', 'certification_expiry', 'welcome_back')),
    -- Of milestones and days before expiry there are several, of days without activity one.
    constraint threshold_is_within_bounds check (
        cardinality(threshold) between 1 and (case when scenario_type in ('milestone', 'certification_expiry') then 20 else 1 end)
        and array_position(threshold, null) is null
        and 0 < all (threshold)
        and (case scenario_type when 'milestone' then 1000000 else 366 end) >= all (threshold)),
    constraint cooldown_is_within_bounds check (cooldown between interval '1 hour' and interval '366 days'),
    constraint batch_size_is_within_bounds check (batch_size between 100 and 100000),
    constraint last_evaluated_count_is_a_count check (last_evaluated_count >= 0)
);
comment on table public.scenario_evaluation_config is
    'An organisation''s rule for each scenario: threshold (days without activity; counts of activities; days before expiry; '
    'days since the return), cooldown, people a batch, each null where the default holds; and what the last run evaluated.';

-- What was evaluated and sent

create table if not exists public.scenario_evaluation_runs (
    id uuid primary key default gen_random_uuid(),
    organization_id uuid not null references public.tenants (id) on delete cascade,
    scenario_types text[] not null,
    evaluated_at timestamptz not null,
    run_key text,
    position uuid,
    evaluated_count bigint not null default 0,
    started_at timestamptz not null default casebase.now(),
    finished_at timestamptz,
    keep_until timestamptz not null default casebase.now() + interval '90 days',
    constraint scenario_evaluation_runs_run_key_key unique (run_key),
    constraint scenario_types_are_known check (
        cardinality(scenario_types) > 0
        and scenario_types <@ array['inactivity', 'milestone', 'certification_expiry', 'welcome_back']),
    constraint evaluated_at_is_a_time check (evaluated_at >= '2000-01-01Z' and evaluated_at < '2200-01-01Z'),
    constraint evaluated_count_is_a_count check (evaluated_count >= 0),
    constraint run_key_is_short check (length(run_key) between 1 and 200)
);
create index if not exists scenario_evaluation_runs_organization_id_idx
    on public.scenario_evaluation_runs (organization_id, started_at desc);
create index if not exists scenario_evaluation_runs_keep_until_idx on public.scenario_evaluation_runs (keep_until);
comment on table public.scenario_evaluation_runs is
    'Every evaluation of an organisation. position is the last person evaluated, from where a killed run goes on; '
    'keep_until is sooner for one that found nobody due.';

create table if not exists notifications.run_counts (
    run_id uuid not null references public.scenario_evaluation_runs (id) on delete cascade,
    scenario_type text not null,
    outcome text not null,
    count bigint not null,
    primary key (run_id, scenario_type, outcome),
    constraint counted_scenario_type_is_known check (
        scenario_type in ('inactivity', 'milestone', 'certification_expiry', 'welcome_back')),
    constraint outcome_is_known check (
        outcome in ('notified', 'opted_out', 'cooldown', 'failed_recently', 'quiet_hours')),
    constraint count_is_positive check (count > 0)
);
comment on table notifications.run_counts is
    'Of those whom a rule found due in a run: how many were notified, and how many skipped for which reason.';

-- Here, and not among the functions, as the table's constraint needs it. Definer: whoever writes the table need not be able
-- to call the kernel's detectors. Sources: Skatteetaten (fødselsnummer; a D-number has 40 added to its day), Skatteverket
-- SKV 704 (personnummer; a samordningsnummer has 60 added to its day), ITU-T E.164, Nkom's numbering plan (eight digits,
-- not beginning with 0 or 1), PTS's (0, then seven to nine).
create or replace function notifications.holds_personal_data(value jsonb) returns boolean
    language plpgsql immutable parallel safe security definer
    set search_path = ''
as $$
declare
    -- What has no @, and never so many digits in a row, is nobody's. Most is, and is let through at once.
    v_suspicious constant text := '@|[0-9](?:[^[:alnum:]]{0,4}[0-9]){6}';
    v_text text := value::text;
begin
    -- Other scripts' digits, spaces and dashes are read as ours; what can't be seen is left out.
    if octet_length(v_text) <> length(v_text) then
        v_text := translate(
            normalize(v_text, nfkc),
            U&'\0660\0661\0662\0663\0664\0665\0666\0667\0668\0669\06F0\06F1\06F2\06F3\06F4\06F5\06F6\06F7\06F8\06F9'
              '\2010\2012\2013\2014\2212\00AD\200B\200C\200D\200E\200F\2060\FEFF',
            '01234567890123456789-----');
    end if;
    if v_text is null or v_text !~ v_suspicious then
        return false;
    end if;
    -- Ids, moments and days are nobody's number.
    v_text := regexp_replace(v_text, '[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}', 'x', 'g');
    v_text := regexp_replace(
        v_text,
        '\m(?:19|20|21)[0-9]{2}-[01][0-9]-[0-3][0-9]'
        '(?:[T ][0-2][0-9]:[0-5][0-9](?::[0-6][0-9](?:[.][0-9]{1,6})?)?(?:Z|[+-][0-9]{2}(?::?[0-9]{2})?)?(?![0-9])|(?![-+ ]?[0-9]))'
        '|\m[0-3]?[0-9][.][01]?[0-9][.](?:19|20|21)[0-9]{2}(?![ -]?[0-9])', 'x', 'g');
    if v_text !~ v_suspicious then
        return false;
    end if;
    return v_text ~ '@ *[^ @"]+[.][^ @"]'
        or v_text ~ '(?:[+]|\m00)[0-9](?:[ ().-]{0,4}[0-9]){6,14}(?![0-9])'
        or v_text ~ '(?<![[:alnum:]]|[0-9][.])(?:4[67])?[2-9][0-9](?:[ ./-]{0,3}[0-9]{2}){3}(?![[:alnum:]])'
        or v_text ~ '(?<![[:alnum:]]|[0-9][.])[2-9][0-9]{2}[ ./-]{0,3}[0-9]{2}[ ./-]{0,3}[0-9]{3}(?![[:alnum:]])'
        or v_text ~ '(?<![[:alnum:]])0[1-9](?:[ /-]{0,3}[0-9]){6,9}(?![[:alnum:]])'
        or exists (
            select
            -- In a number a first 0 is lost. Months have 40 added where a number is not the issuer's own.
            from regexp_matches(v_text, '(?<![0-9]|[0-9][.])([0-9](?:[ .-]{0,3}[0-9]){9,10})(?![0-9])', 'g') m
            cross join lateral (select lpad(regexp_replace(m[1], '[^0-9]', '', 'g'), 11, '0') as digits) d
            where substr(d.digits, 1, 2)::int % 40 between 1 and 31
              and substr(d.digits, 3, 2)::int % 40 between 1 and 12 and substr(d.digits, 3, 2) < '60'
              and casebase.has_check_digits('fodselsnummer', d.digits))
        or exists (
            select
            from regexp_matches(
                v_text, '(?<![0-9]|[0-9][.])((?:1[89]|20)?[0-9]{2}-?[0-9]{2}-?[0-9]{2}[-+ ]?[0-9]{4})(?![0-9])', 'g') m
            where casebase.has_check_digits('personnummer', m[1]));
end
$$;
comment on function notifications.holds_personal_data(jsonb) is
    'Whether a document holds a fødselsnummer or personnummer (right check digits), an e-mail or a telephone number.';
revoke execute on function notifications.holds_personal_data(jsonb) from public;
grant execute on function notifications.holds_personal_data(jsonb) to service_role;

create table if not exists public.scenario_notifications (
    id uuid primary key default gen_random_uuid(),
    user_id uuid not null references auth.users (id) on delete cascade,
    organization_id uuid not null references public.tenants (id),
    scenario_type text not null,
    triggered_at timestamptz not null default casebase.now(),
    delivery_status text not null default 'pending',
    milestone_value integer,
    metadata jsonb,
    cooldown_window_start timestamptz not null,
    cooldown_until timestamptz not null,
    dedupe_key text not null,
    skip_reason text,
    error_code text,
    attempts int not null default 0,
    sent_at timestamptz,
    read_at timestamptz,
    constraint scenario_type_is_known check (
        scenario_type in ('inactivity', 'milestone', 'certification_expiry', 'welcome_back')),
    constraint delivery_status_is_known check (delivery_status in ('pending', 'sent', 'failed')),
    constraint triggered_at_is_a_time check (triggered_at >= '2000-01-01Z' and triggered_at < '2200-01-01Z'),
    constraint milestone_has_its_value check ((scenario_type = 'milestone') = (milestone_value is not null)),
    constraint milestone_value_is_positive check (milestone_value > 0),
    constraint cooldown_follows_its_start check (
        cooldown_until >= cooldown_window_start and cooldown_until < '2202-01-01Z'
        and cooldown_window_start >= '2000-01-01Z'),
    constraint dedupe_key_is_short check (length(dedupe_key) between 1 and 200),
    constraint metadata_is_a_small_object check (jsonb_typeof(metadata) = 'object' and octet_length(metadata::text) <= 8192),
    constraint metadata_holds_no_personal_data check (not notifications.holds_personal_data(metadata)),
    constraint skip_reason_is_known check (
        skip_reason in ('opted_out', 'left_organization', 'no_device', 'expired', 'outdated')),
    constraint only_a_failed_one_was_skipped check (skip_reason is null or delivery_status = 'failed'),
    constraint error_code_is_snake_case check (error_code ~ '^[a-z][a-z0-9_]{0,62}$'),
    constraint attempts_is_a_count check (attempts >= 0),
    constraint a_sent_one_has_its_time check ((delivery_status = 'sent') = (sent_at is not null)),
    -- The cooldown (DECISIONS 15): whoever writes, at most one in any window, unless it failed.
    constraint scenario_notifications_cooldown exclude using gist (
        user_id with =, organization_id with =, scenario_type with =,
        tstzrange(cooldown_window_start, cooldown_until) with &&
    ) where (delivery_status <> 'failed')
);
-- How the specification asks for them: cooldown, reports of an organisation, the commonest look at what was sent. A run
-- writes thousands of one moment, so the page of a list that follows is found by the id.
create index if not exists scenario_notifications_user_id_idx
    on public.scenario_notifications (user_id, scenario_type, triggered_at desc);
create index if not exists scenario_notifications_organization_id_idx
    on public.scenario_notifications (organization_id, scenario_type, triggered_at desc, id desc);
create index if not exists scenario_notifications_sent_idx
    on public.scenario_notifications (user_id, scenario_type) where delivery_status = 'sent';
-- Each milestone once, ever (DECISIONS 16): one that failed is sent again, not written again.
create unique index if not exists scenario_notifications_milestone_key
    on public.scenario_notifications (user_id, milestone_value) where milestone_value is not null;
-- A replayed tick writes nothing; and a batch of people is one stretch of it.
create unique index if not exists scenario_notifications_dedupe_key
    on public.scenario_notifications (organization_id, user_id, scenario_type, dedupe_key) where delivery_status <> 'failed';
create index if not exists scenario_notifications_failed_idx
    on public.scenario_notifications (organization_id, user_id, triggered_at desc) where delivery_status = 'failed';
-- Failed ones are few among many, and looked for by themselves.
create index if not exists scenario_notifications_failed_listed_idx
    on public.scenario_notifications (organization_id, scenario_type, triggered_at desc, id desc)
    where delivery_status = 'failed';
-- What the sweep looks for: the pending ones, oldest first.
create index if not exists scenario_notifications_pending_idx
    on public.scenario_notifications (triggered_at) where delivery_status = 'pending';
comment on table public.scenario_notifications is
    'Every nudge: pending until a sender took it, then sent, or failed with the reason. Holds ids and numbers only.';
comment on column public.scenario_notifications.cooldown_window_start is 'From when until cooldown_until no other of its scenario may follow.';
comment on column public.scenario_notifications.dedupe_key is
    'What it is about: the evaluation''s hour (UTC), the milestone, the notice that a return answers. Once, unless it failed.';

create table if not exists notifications.certification_stages (
    certification_id uuid not null references public.certifications (id) on delete cascade,
    expires_on date not null,
    stage int not null,
    notification_id uuid not null references public.scenario_notifications (id) on delete cascade,
    primary key (certification_id, expires_on, stage),
    constraint stage_is_positive check (stage > 0)
);
create index if not exists certification_stages_notification_id_idx on notifications.certification_stages (notification_id);
comment on table notifications.certification_stages is
    'Which reminder (days before) of which certification and expiry a notification told; each once. Freed when it fails.';

create table if not exists notifications.templates (
    scenario_type text not null,
    language text not null,
    plural text not null,
    title text not null,
    body text not null,
    primary key (scenario_type, language, plural),
    constraint template_scenario_type_is_known check (
        scenario_type in ('inactivity', 'milestone', 'certification_expiry', 'welcome_back')),
    constraint template_language_is_known check (language in ('en', 'nb')),
    constraint plural_is_known check (plural in ('zero', 'one', 'other')),
    constraint template_is_short check (length(title) between 1 and 120 and length(body) between 1 and 500)
);
comment on table notifications.templates is
    'What a nudge says. {days}, {milestone} and {certification} are filled in; what stands in [brackets] is said of several '
    'certifications alone, where {more} is how many others there are.';
comment on column notifications.templates.plural is
    'zero: for a number 0 that has words of its own. English and Norwegian tell one from other, and no more (CLDR).';

alter table public.activities enable row level security;
alter table public.certifications enable row level security;
alter table public.device_tokens enable row level security;
alter table public.notification_preferences enable row level security;
alter table notifications.settings enable row level security;
alter table notifications.scenario_defaults enable row level security;
alter table public.scenario_evaluation_config enable row level security;
alter table public.scenario_evaluation_runs enable row level security;
alter table notifications.run_counts enable row level security;
alter table public.scenario_notifications enable row level security;
alter table notifications.certification_stages enable row level security;
alter table notifications.templates enable row level security;

-- A push service that is away comes back in minutes rather than seconds: eight attempts take about an hour.
select casebase.create_queue('notifications_dispatch', 8);
update casebase.queues set backoff_s = 30 where name = 'notifications_dispatch';
