-- Definer: people are granted no write of the tables. Their words only: what the partner and the helper say, the service
-- writes (settle_answer).
create or replace function practice.append_message(session_id uuid, chat_type text, content text, client_id uuid) returns jsonb
    language plpgsql security definer
    set search_path = ''
as $$
#variable_conflict use_variable
declare
    v_session public.sessions;
    v_message public.messages;
    v_count int;
begin
    if chat_type is null or chat_type not in ('main', 'helper') then
        perform casebase.fail(422, 'invalid_input', jsonb_build_object('errors', jsonb_build_array(
            casebase.validation_error('chat_type', 'enum', 'must be main or helper'))));
    elsif content is null or content !~ '[^[:space:]]' or length(content) > 2000 then
        perform casebase.fail(422, 'invalid_input', jsonb_build_object('errors', jsonb_build_array(
            casebase.validation_error('content', 'length', 'must have between 1 and 2000 characters, not all of them spaces'))));
    elsif client_id is null then
        perform casebase.fail(422, 'invalid_input', jsonb_build_object('errors', jsonb_build_array(
            casebase.validation_error('client_id', 'required', 'is needed, so that sending again adds nothing'))));
    end if;
    v_session := practice.own_active_session(session_id);

    select * into v_message from public.messages m where m.session_id = session_id and m.client_id = client_id;
    if v_message.id is not null then
        if (v_message.chat_type, v_message.content) is distinct from (chat_type, content) then
            perform casebase.fail(409, 'client_id_reused', '{"field": "client_id"}', 'Send another message under another id.');
        end if;
        return practice.message_reply(v_message, v_session, true);
    end if;

    v_count := case chat_type when 'main' then v_session.message_count_main else v_session.message_count_helper end;
    if v_count >= (case chat_type when 'main' then 30 else 100 end) then
        perform casebase.fail(409, 'message_cap_reached',
            jsonb_build_object('field', 'chat_type', 'cap', v_count), 'Complete the session, and start another.');
    elsif exists (
        select from practice.answers a where a.session_id = session_id and a.chat_type = chat_type and a.status = 'running'
    ) then
        perform casebase.fail(409, 'answer_in_progress', '{"field": "chat_type"}', 'Wait for the answer, then go on.');
    end if;

    -- Later than anything before it: a list that goes on after a moment leaves nothing out.
    insert into public.messages (session_id, role, chat_type, content, client_id, "timestamp")
    values (session_id, 'user', chat_type, content, client_id,
            greatest(casebase.now(), v_session.last_activity_at + interval '1 microsecond'))
    returning * into v_message;
    if chat_type = 'main' then
        v_session.message_count_main := v_count + 1;
    else
        v_session.message_count_helper := v_count + 1;
    end if;
    return practice.message_reply(v_message, v_session, false);
end
$$;

create or replace function public.append_message(session_id uuid, chat_type text, content text, client_id uuid) returns jsonb
    language sql
    set search_path = ''
as $$
    select practice.append_message(session_id, chat_type, content, client_id)
$$;

comment on function public.append_message(uuid, text, text, uuid) is
    'Say something in a chat (main, helper) of the caller''s active session: content of 1 to 2,000 characters; client_id is '
    'the sender''s name for it, and sent again under it nothing is added. Returns {message_id, session_id, chat_type, '
    'timestamp, is_repeated, message_count_helper, progress: {message_count_main, should_conclude, conclude_from, '
    'conclude_until, cap, remaining}}. For people. 403 user_required; 404 session_not_found; 409 session_completed, '
    'session_expired, message_cap_reached, answer_in_progress, client_id_reused; 422 invalid_input.';

revoke execute on function
    practice.append_message(uuid, text, text, uuid), public.append_message(uuid, text, text, uuid)
from public, anon, authenticated, service_role;
grant execute on function
    practice.append_message(uuid, text, text, uuid), public.append_message(uuid, text, text, uuid)
to authenticated;
