create or replace function practice.add_message(
    user_id uuid, session_id uuid, chat_type text, content text, client_id uuid, room int
) returns jsonb
    language plpgsql
    set search_path = ''
as $$
#variable_conflict use_variable
declare
    v_now constant timestamptz := casebase.now();
    v_session public.sessions;
    v_message public.messages;
    -- What shows anything: no space, control, joiner, mark of direction, blank letter or tag, by which nothing is said.
    v_visible constant text := '[^[:space:]\u0001-\u0020\u007f-\u00a0\u00ad\u034f\u061c\u115f\u1160\u1680\u17b4\u17b5\u180b-\u180f'
        '\u2000-\u200f\u2028-\u202f\u205f-\u206f\u2800\u3000\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff9-\ufffb\U000e0000-\U000e0fff]';
begin
    if chat_type is null or chat_type not in ('main', 'helper') then
        perform casebase.fail(422, 'invalid_input', jsonb_build_object('errors', jsonb_build_array(
            casebase.validation_error('chat_type', 'enum', 'must be main or helper'))));
    elsif content is null or content !~ v_visible or length(content) > 2000 then
        perform casebase.fail(422, 'invalid_input', jsonb_build_object('errors', jsonb_build_array(
            casebase.validation_error('content', 'length', 'must have between 1 and 2000 characters, of which one is visible'))));
    elsif client_id is null then
        perform casebase.fail(422, 'invalid_input', jsonb_build_object('errors', jsonb_build_array(
            casebase.validation_error('client_id', 'required', 'is needed, so that sending again adds nothing'))));
    end if;
    -- Locked: who changes a session does so one at a time, so that counts and order are exact.
    select * into v_session from public.sessions s
    where s.id = session_id and s.user_id = user_id
    for no key update;
    if v_session.id is null then
        perform casebase.fail(404, 'session_not_found', '{"field": "session_id"}');
    end if;

    -- Before all that may have changed since it was said: who sends it again wants to know that it was kept.
    select * into v_message from public.messages m where m.session_id = session_id and m.client_id = client_id;
    if v_message.id is not null then
        if (v_message.chat_type, v_message.content) is distinct from (chat_type, content) then
            perform casebase.fail(409, 'client_id_reused', '{"field": "client_id"}', 'Send another message under another id.');
        end if;
        return practice.message_reply(v_message, v_session, true);
    end if;

    if v_session.is_completed or v_session.last_activity_at < v_now - interval '168 hours' then
        perform practice.require_active(v_session);
    end if;
    v_session := practice.require_turn(v_session, chat_type, room);

    -- Later than anything before it: a list that goes on after a moment leaves nothing out.
    insert into public.messages (session_id, role, chat_type, content, client_id, "timestamp", created_at)
    values (session_id, 'user', chat_type, content, client_id,
            greatest(v_now, v_session.last_activity_at + interval '1 microsecond'), v_now)
    returning * into v_message;
    if chat_type = 'main' then
        v_session.message_count_main := v_session.message_count_main + 1;
    else
        v_session.message_count_helper := v_session.message_count_helper + 1;
    end if;
    return practice.message_reply(v_message, v_session, false);
end
$$;

comment on function practice.add_message(uuid, uuid, text, text, uuid, int) is
    'Write what a person says, if their chat has room for so many messages, of which it is the first: as append_message.';

revoke execute on function practice.add_message(uuid, uuid, text, text, uuid, int) from public;
