create or replace function practice.session_json(session public.sessions) returns jsonb
    language sql stable
    set search_path = ''
as $$
    select jsonb_build_object(
        'session_id', session.id, 'scenario_id', session.scenario_id, 'is_completed', session.is_completed,
        'started_at', session.started_at, 'last_activity_at', session.last_activity_at,
        'expires_at', case when not session.is_completed then session.last_activity_at + interval '168 hours' end,
        'completed_at', session.completed_at, 'duration_seconds', session.duration_seconds,
        'message_count_main', session.message_count_main, 'message_count_helper', session.message_count_helper)
$$;

comment on function practice.session_json(public.sessions) is 'How replies tell a session.';

revoke execute on function practice.session_json(public.sessions) from public;
