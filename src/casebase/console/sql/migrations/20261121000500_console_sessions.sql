-- Who is signed in to the console. The cookie only names a row, so signing out ends the session everywhere at once.

create table casebase.console_sessions (
    id uuid primary key default gen_random_uuid(),
    user_id uuid not null references auth.users (id) on delete cascade,
    created_at timestamptz not null default casebase.now(),
    expires_at timestamptz not null,
    constraint expires_after_it_was_created check (expires_at > created_at)
);
create index console_sessions_user_id_idx on casebase.console_sessions (user_id);
create index console_sessions_expires_at_idx on casebase.console_sessions (expires_at);
comment on table casebase.console_sessions is 'Signed-in console users; a row is removed when they sign out or it expires.';
alter table casebase.console_sessions enable row level security;
