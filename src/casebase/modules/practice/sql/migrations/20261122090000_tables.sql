-- People who practise a language, the sessions they have with a partner and a helper, and what the service notes about its
-- own work (specs/practice.md). Owned by a person, not by a tenant.
--
-- The week of the weekly limit is ISO's, in UTC: its arithmetic is on seconds since the epoch, as days are of other lengths
-- where a session's time zone changes its clocks.

create schema if not exists practice;
comment on schema practice is 'Implementation of the practice module. Not exposed.';
revoke all on schema practice from public;
grant usage on schema practice to anon, authenticated, service_role;
alter default privileges in schema practice revoke execute on functions from public;

-- Here, as it is a column's default. 345,600: the epoch was a Thursday.
create or replace function practice.next_week(moment timestamptz) returns timestamptz
    language sql immutable
    set search_path = ''
as $$
    select to_timestamp((floor((extract(epoch from moment) - 345600) / 604800) + 1) * 604800 + 345600)
$$;
comment on function practice.next_week(timestamptz) is 'The Monday, 00:00 UTC, that follows a moment: when its ISO week is over.';
revoke execute on function practice.next_week(timestamptz) from public;

create table public.profiles (
    id uuid primary key references auth.users (id) on delete cascade,
    email text,
    completed_scenario_count integer not null default 0,
    current_week_completion_count integer not null default 0,
    week_reset_date timestamptz not null default practice.next_week(casebase.now()),
    created_at timestamptz not null default casebase.now(),
    updated_at timestamptz not null default casebase.now(),
    constraint completed_scenario_count_is_a_count check (completed_scenario_count >= 0),
    constraint current_week_completion_count_is_a_count check (current_week_completion_count >= 0),
    constraint a_week_is_part_of_all check (current_week_completion_count <= completed_scenario_count),
    constraint week_reset_date_is_a_monday_utc check (
        week_reset_date >= '2000-01-01Z' and week_reset_date < '2200-01-01Z'
        and mod(extract(epoch from week_reset_date) - 345600, 604800) = 0)
);
-- For the weekly reset, of profiles that have something to reset.
create index profiles_week_reset_date_idx on public.profiles (week_reset_date) where current_week_completion_count > 0;
comment on table public.profiles is
    'A person who practises; made with their account. week_reset_date is when their week''s count begins anew. The e-mail is '
    'the account''s, kept equal by trigger.';

create table public.scenarios (
    id integer primary key,
    title text not null,
    emoji text not null,
    initial_message_main text not null,
    initial_message_helper text not null,
    is_active boolean not null default true,
    created_at timestamptz not null default casebase.now(),
    constraint scenario_texts_are_said check (
        length(title) between 1 and 80 and length(emoji) between 1 and 16
        and length(initial_message_main) between 1 and 4000 and length(initial_message_helper) between 1 and 4000)
);
comment on table public.scenarios is 'What can be practised, with the first words of the partner and of the helper.';

-- fillfactor: a session is rewritten with every message, on its own page as no index has a column that changes then.
create table public.sessions (
    id uuid primary key default gen_random_uuid(),
    user_id uuid not null references public.profiles (id) on delete cascade,
    scenario_id integer not null references public.scenarios (id) on delete restrict,
    is_completed boolean not null default false,
    started_at timestamptz not null default casebase.now(),
    last_activity_at timestamptz not null default casebase.now(),
    restored_at timestamptz,
    completed_at timestamptz,
    message_count_main integer not null default 0,
    message_count_helper integer not null default 0,
    duration_seconds integer,
    created_at timestamptz not null default casebase.now(),
    updated_at timestamptz not null default casebase.now(),
    constraint started_at_is_a_time check (started_at >= '2000-01-01Z' and started_at < '2200-01-01Z'),
    constraint last_activity_follows_the_start check (last_activity_at >= started_at and last_activity_at < '2200-01-01Z'),
    constraint restored_at_follows_the_start check (restored_at >= started_at and restored_at < '2200-01-01Z'),
    constraint a_completed_one_has_its_time check (is_completed = (completed_at is not null)),
    constraint completion_follows_the_start check (completed_at >= started_at and completed_at < '2200-01-01Z'),
    constraint a_completed_one_has_its_duration check (is_completed = (duration_seconds is not null)),
    constraint duration_is_no_less_than_nothing check (duration_seconds >= 0),
    -- The hard caps: nobody's client and no race exceeds them.
    constraint message_count_main_is_within_its_cap check (message_count_main between 0 and 30),
    constraint message_count_helper_is_within_its_cap check (message_count_helper between 0 and 100)
) with (fillfactor = 80);
create unique index sessions_one_active_key on public.sessions (user_id) where is_completed = false;
create index sessions_history_idx on public.sessions (user_id, completed_at desc) where is_completed = true;
create index sessions_user_id_idx on public.sessions (user_id);
create index sessions_scenario_id_idx on public.sessions (scenario_id);
-- For the cleanup: what was last active a week ago began a week ago, and when it began never changes.
create index sessions_unfinished_idx on public.sessions (started_at) where is_completed = false;
comment on table public.sessions is
    'One conversation of a person in a scenario. A person has one that is not completed at most; abandoned and expired ones '
    'are deleted with their messages. restored_at: when its owner''s return to it was last noted.';

create table public.messages (
    id uuid primary key default gen_random_uuid(),
    session_id uuid not null references public.sessions (id) on delete cascade,
    role text not null,
    chat_type text not null,
    content text not null,
    "timestamp" timestamptz not null default casebase.now(),
    client_id uuid,
    is_incomplete boolean not null default false,
    created_at timestamptz not null default casebase.now(),
    constraint role_is_known check (role in ('user', 'scenario', 'helper')),
    constraint chat_type_is_known check (chat_type in ('main', 'helper')),
    constraint role_speaks_in_its_chat check (role = 'user' or (role = 'scenario') = (chat_type = 'main')),
    constraint content_is_said check (length(content) between 1 and 8000),
    constraint timestamp_is_a_time check ("timestamp" >= '2000-01-01Z' and "timestamp" < '2200-01-01Z'),
    constraint only_people_have_clients check (client_id is null or role = 'user'),
    constraint only_answers_break_off check (not is_incomplete or role <> 'user')
);
create index messages_session_id_timestamp_idx on public.messages (session_id, "timestamp");
create unique index messages_client_id_key on public.messages (session_id, client_id) where client_id is not null;
comment on table public.messages is
    'What was said in a session, by whom in which chat; never changed. client_id is the sender''s name for it, so sending '
    'again adds nothing. is_incomplete: the answer broke off.';
-- Nothing of what people say, nor how they are reached, in the planner's statistics, which outlive a deleted row.
alter table public.messages alter column content set statistics 0;
alter table public.profiles alter column email set statistics 0;

-- The operational log

-- Here, as the table's constraint needs it.
create or replace function practice.is_log_metadata(value jsonb) returns boolean
    language sql immutable
    set search_path = ''
as $$
    select jsonb_typeof(value) = 'object' and octet_length(value::text) <= 1000
       and not exists (
           select from jsonb_each(value) m
           where m.key not in (
                   'attempt', 'attempts', 'bytes', 'characters', 'chat_type', 'chunks', 'completed_this_week', 'count',
                   'dependency', 'duration_ms', 'first_chunk_ms', 'function', 'job', 'limit', 'message_count_helper',
                   'message_count_main', 'reason', 'retry_in_ms', 'scenario_id', 'source', 'status')
              or case jsonb_typeof(m.value)
                     when 'boolean' then false
                     when 'number' then abs((m.value #>> '{}')::numeric) >= 1e12
                     when 'string' then m.value #>> '{}' !~ '^[a-z][a-z_]{0,59}$'
                     else true
                 end)
$$;
comment on function practice.is_log_metadata(jsonb) is
    'Whether an object holds nothing but known measures: numbers, booleans and short codes, so neither content nor identifiers.';
revoke execute on function practice.is_log_metadata(jsonb) from public;
grant execute on function practice.is_log_metadata(jsonb) to service_role;

create table public.logs (
    id uuid primary key default gen_random_uuid(),
    level text not null,
    event_type text not null,
    user_id uuid references public.profiles (id) on delete set null,
    session_id uuid references public.sessions (id) on delete set null,
    user_key text,
    metadata jsonb,
    created_at timestamptz not null default casebase.now(),
    constraint level_is_known check (level in ('error', 'warn', 'info', 'debug')),
    constraint event_type_is_known check (event_type in (
        'api_call_started', 'api_call_completed', 'api_call_failed', 'api_call_timeout', 'api_retry_attempted',
        'user_registered', 'user_login_success', 'user_login_failed', 'user_logout', 'session_expired', 'account_deleted',
        'scenario_started', 'scenario_completed', 'scenario_abandoned',
        'session_created', 'session_restored', 'session_expiration_cleanup',
        'rate_limit_checked', 'rate_limit_exceeded', 'weekly_limit_reset',
        'database_error', 'cleanup_job_executed', 'unknown_error')),
    constraint users_are_named_by_a_key check (user_id is null),
    constraint user_key_is_a_hash check (user_key ~ '^[0-9a-f]{24}$'),
    constraint log_metadata_is_measures check (practice.is_log_metadata(metadata)),
    constraint logged_at_is_a_time check (created_at >= '2000-01-01Z' and created_at < '2200-01-01Z')
);
create index logs_level_idx on public.logs (level);
create index logs_event_type_idx on public.logs (event_type);
create index logs_created_at_idx on public.logs (created_at desc);
create index logs_level_created_at_idx on public.logs (level, created_at desc);
create index logs_user_id_idx on public.logs (user_id);
create index logs_session_id_idx on public.logs (session_id);
comment on table public.logs is
    'What the service did, for thirty days: measures and never content. user_key is a hash of the user under the key of the '
    'week; user_id, which the specification names, stays empty.';

create table practice.log_keys (
    week_until timestamptz primary key,
    key bytea not null default sha256(uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid())),
    constraint key_is_256_bits check (octet_length(key) = 32)
);
alter table practice.log_keys alter column key set statistics 0;
comment on table practice.log_keys is
    'The key that a week''s log hashes its users with. It goes with the last of the week''s events, and with it any way back.';

-- Answers while they are made

create table practice.answers (
    id uuid primary key default gen_random_uuid(),
    session_id uuid not null references public.sessions (id) on delete cascade,
    chat_type text not null,
    asked_message_id uuid not null references public.messages (id) on delete cascade,
    status text not null default 'running',
    source text not null,
    message_id uuid references public.messages (id) on delete cascade,
    cuts int[],
    error_code text,
    started_at timestamptz not null default casebase.now(),
    beat_at timestamptz not null default casebase.now(),
    finished_at timestamptz,
    constraint answer_chat_type_is_known check (chat_type in ('main', 'helper')),
    constraint answer_status_is_known check (status in ('running', 'completed', 'interrupted', 'failed')),
    constraint answer_source_is_known check (source in ('model', 'scripted')),
    constraint a_running_one_is_not_finished check ((status = 'running') = (finished_at is null)),
    constraint an_answer_ends_as_a_message check ((status in ('completed', 'interrupted')) = (message_id is not null)),
    constraint a_message_knows_its_cuts check ((message_id is null) = (cuts is null)),
    constraint answer_error_code_is_snake_case check (error_code ~ '^[a-z][a-z0-9_]{0,62}$'),
    constraint a_failed_one_says_why check (status <> 'failed' or error_code is not null)
) with (fillfactor = 80);
create unique index answers_one_running_key on practice.answers (session_id, chat_type) where status = 'running';
create unique index answers_one_a_question_key on practice.answers (asked_message_id) where status <> 'failed';
create index answers_session_id_idx on practice.answers (session_id);
create index answers_asked_message_id_idx on practice.answers (asked_message_id);
create index answers_message_id_idx on practice.answers (message_id);
comment on table practice.answers is
    'A reply of the partner or of the helper, one at a time in a chat. While it is made its text is in answer_chunks; then it '
    'is an immutable message, and cuts are the lengths of the pieces it was streamed in, so that they can be sent again.';

create table practice.answer_chunks (
    answer_id uuid not null references practice.answers (id) on delete cascade,
    position int not null,
    content text not null,
    primary key (answer_id, position),
    constraint position_is_counted check (position >= 1),
    constraint chunk_is_said check (length(content) between 1 and 8000)
);
alter table practice.answer_chunks alter column content set statistics 0;
comment on table practice.answer_chunks is 'The pieces of an answer that is being made, written before they are sent.';
