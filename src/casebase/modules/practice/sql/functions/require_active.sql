create or replace function practice.require_active(session public.sessions) returns void
    language plpgsql stable
    set search_path = ''
as $$
begin
    if session.is_completed then
        perform casebase.fail(409, 'session_completed', '{"field": "session_id"}', 'Start another session.');
    elsif session.last_activity_at < casebase.now() - interval '168 hours' then
        perform casebase.fail(409, 'session_expired', '{"field": "session_id"}',
            'Nothing was said in it for seven days. Start another session.');
    end if;
end
$$;

comment on function practice.require_active(public.sessions) is
    'Refuse a session in which nothing can happen any more: 409 session_completed, 409 session_expired.';

revoke execute on function practice.require_active(public.sessions) from public;
