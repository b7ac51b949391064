-- Locked: who changes a session does so one at a time, so that counts and order are exact.
create or replace function practice.own_active_session(session_id uuid) returns public.sessions
    language plpgsql
    set search_path = ''
as $$
#variable_conflict use_variable
declare
    v_user_id uuid := practice.acting_user();
    v_session public.sessions;
begin
    select * into v_session from public.sessions s
    where s.id = session_id and s.user_id = v_user_id
    for no key update;
    if v_session.id is null then
        perform casebase.fail(404, 'session_not_found', '{"field": "session_id"}');
    end if;
    perform practice.require_active(v_session);
    return v_session;
end
$$;

comment on function practice.own_active_session(uuid) is
    'The caller''s session, locked, if something can still happen in it: 404 session_not_found, 409 session_completed, '
    '409 session_expired.';

revoke execute on function practice.own_active_session(uuid) from public;
