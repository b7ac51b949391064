-- Locked: who changes a session does so one at a time, so that counts and order are exact.
create or replace function practice.own_active_session(session_id uuid, user_id uuid default practice.acting_user())
    returns public.sessions
    language plpgsql
    set search_path = ''
as $$
#variable_conflict use_variable
declare
    v_session public.sessions;
begin
    select * into v_session from public.sessions s
    where s.id = session_id and s.user_id = user_id
    for no key update;
    if v_session.id is null then
        perform casebase.fail(404, 'session_not_found', '{"field": "session_id"}');
    elsif v_session.is_completed then
        perform casebase.fail(409, 'session_completed', '{"field": "session_id"}', 'Start another session.');
    elsif v_session.last_activity_at < casebase.now() - interval '168 hours' then
        perform casebase.fail(409, 'session_expired', '{"field": "session_id"}',
            'Nothing was said in it for seven days. Start another session.');
    end if;
    return v_session;
end
$$;

comment on function practice.own_active_session(uuid, uuid) is
    'A session of the caller''s, or of whom the service acts for, locked, if something can still happen in it: 404 session_not_found, 409 session_completed, '
    '409 session_expired.';

revoke execute on function practice.own_active_session(uuid, uuid) from public;
