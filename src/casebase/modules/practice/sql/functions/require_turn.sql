-- Under the session's lock.
create or replace function practice.require_turn(session public.sessions, chat_type text, room int) returns public.sessions
    language plpgsql
    set search_path = ''
as $$
#variable_conflict use_variable
declare
    v_answer practice.answers;
    v_cap constant int := case chat_type when 'main' then 30 else 100 end;
begin
    select * into v_answer from practice.answers a
    where a.session_id = session.id and a.chat_type = chat_type and a.status = 'running';
    if v_answer.id is not null then
        if (practice.close_stale_answer(v_answer.id)).status = 'running' then
            perform casebase.fail(409, 'answer_in_progress', '{"field": "chat_type"}', 'Wait for the answer, then go on.');
        end if;
        select * into session from public.sessions s where s.id = session.id;
    end if;
    if (case chat_type when 'main' then session.message_count_main else session.message_count_helper end) + room > v_cap then
        perform casebase.fail(409, 'message_cap_reached',
            jsonb_build_object('field', 'chat_type', 'cap', v_cap), 'Complete the session, and start another.');
    end if;
    return session;
end
$$;

comment on function practice.require_turn(public.sessions, text, int) is
    'The session, if nothing is being answered in a chat and so many messages still fit: 409 answer_in_progress, 409 '
    'message_cap_reached. An answer whose process is gone is closed.';

revoke execute on function practice.require_turn(public.sessions, text, int) from public;
