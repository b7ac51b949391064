-- Definer: as its siblings.
create or replace function casebase.close_console_session(id uuid) returns void
    language sql security definer
    set search_path = ''
as $$
    delete from casebase.console_sessions s where s.id = close_console_session.id
$$;

comment on function casebase.close_console_session(uuid) is 'Sign out: end a session, wherever its cookie is.';

revoke execute on function casebase.close_console_session(uuid) from public;
grant execute on function casebase.close_console_session(uuid) to casebase_api;
