-- Definer: sessions and auth.users belong to nobody else. Expired sessions are swept on the way.
create or replace function casebase.open_console_session(user_id uuid, idle_s int) returns uuid
    language plpgsql security definer
    set search_path = ''
as $$
#variable_conflict use_variable
declare
    v_id uuid;
begin
    delete from casebase.console_sessions s where s.expires_at <= casebase.now();
    insert into casebase.console_sessions (user_id, expires_at)
    values (user_id, casebase.now() + make_interval(secs => idle_s))
    returning id into v_id;
    update auth.users u set last_sign_in_at = casebase.now() where u.id = user_id;
    return v_id;
end
$$;

comment on function casebase.open_console_session(uuid, int) is
    'Sign a user in and return the session''s id; it ends after idle_s seconds without a request.';

revoke execute on function casebase.open_console_session(uuid, int) from public;
grant execute on function casebase.open_console_session(uuid, int) to casebase_api;
