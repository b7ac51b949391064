-- Who is signed in to the web client. The cookie only names a row, so signing out ends the session everywhere at once.

create table practice.web_sessions (
    id uuid primary key default gen_random_uuid(),
    user_id uuid not null references auth.users (id) on delete cascade,
    created_at timestamptz not null default casebase.now(),
    expires_at timestamptz not null,
    constraint expires_after_it_was_created check (expires_at > created_at)
);
create index web_sessions_user_id_idx on practice.web_sessions (user_id);
create index web_sessions_expires_at_idx on practice.web_sessions (expires_at);
comment on table practice.web_sessions is
    'People who are signed in to the web client; a row is removed when they sign out, get another password or it expires.';
-- Nobody in the planner's statistics, which outlive a deleted row.
alter table practice.web_sessions alter column user_id set statistics 0;

grant usage on schema practice to casebase_api;
