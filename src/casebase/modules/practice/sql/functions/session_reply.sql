create or replace function practice.session_reply(session public.sessions, profile public.profiles) returns jsonb
    language sql stable
    set search_path = ''
as $$
    select jsonb_build_object(
        'session', practice.session_json(session),
        'scenario', (select practice.scenario_json(c) from public.scenarios c where c.id = session.scenario_id),
        'messages', coalesce((
            select jsonb_agg(practice.message_json(m) order by m."timestamp", m.id)
            from public.messages m where m.session_id = session.id), '[]'),
        'answers', coalesce((
            select jsonb_agg(jsonb_build_object(
                'answer_id', a.id, 'chat_type', a.chat_type, 'asked_message_id', a.asked_message_id, 'source', a.source,
                'started_at', a.started_at) order by a.chat_type)
            from practice.answers a where a.session_id = session.id and a.status = 'running'), '[]'),
        'progress', practice.progress_of(session.message_count_main),
        'allowance', practice.allowance_of(profile))
$$;

comment on function practice.session_reply(public.sessions, public.profiles) is
    'What start_session and get_active_session answer: all that a client needs to go on.';

revoke execute on function practice.session_reply(public.sessions, public.profiles) from public;
