-- Without its content, which the sender knows: replies are kept for repeats of a keyed call.
create or replace function practice.message_reply(message public.messages, session public.sessions, is_repeated boolean)
    returns jsonb
    language sql stable
    set search_path = ''
as $$
    select jsonb_build_object(
        'message_id', message.id, 'session_id', message.session_id, 'chat_type', message.chat_type,
        'timestamp', message."timestamp", 'is_repeated', is_repeated,
        'message_count_helper', session.message_count_helper,
        'progress', practice.progress_of(session.message_count_main))
$$;

comment on function practice.message_reply(public.messages, public.sessions, boolean) is 'What append_message answers.';

revoke execute on function practice.message_reply(public.messages, public.sessions, boolean) from public;
