-- Definer: nobody writes the tables. What is said and that it is being answered are one transaction, so of many who ask
-- at once one is heard, and the others' words are not left without an answer.
create or replace function practice.start_answer(payload jsonb) returns jsonb
    language plpgsql security definer
    set search_path = ''
as $$
declare
    v_said jsonb;
    v_answer practice.answers;
    v_session public.sessions;
begin
    -- What was said gets no second home among kept replies.
    perform set_config('casebase.keep_reply', 'off', true);
    perform casebase.require_valid(payload, '{
        "type": "object",
        "required": ["user_id", "session_id", "chat_type", "content", "client_id", "source"],
        "properties": {
            "user_id": {"type": "string", "format": "uuid"},
            "session_id": {"type": "string", "format": "uuid"},
            "chat_type": {"type": "string", "enum": ["main", "helper"]},
            "content": {"type": "string"},
            "client_id": {"type": "string", "format": "uuid"},
            "source": {"type": "string", "enum": ["model", "scripted"]},
            "retry_after": {"type": "integer", "minimum": 1}
        }
    }');
    v_said := practice.add_message(
        (payload ->> 'user_id')::uuid, (payload ->> 'session_id')::uuid, payload ->> 'chat_type', payload ->> 'content',
        (payload ->> 'client_id')::uuid, 2);

    select * into v_answer from practice.answers a
    where a.asked_message_id = (v_said ->> 'message_id')::uuid and a.status <> 'failed';
    if practice.is_stale(v_answer) then
        v_answer := practice.close_stale_answer(v_answer.id);
    end if;
    if v_answer.id is not null and v_answer.status <> 'failed' then
        return practice.answer_events(v_answer, 0) || jsonb_build_object('is_started', false);
    end if;

    -- Who may have no more for now is still told those that are there.
    if payload ->> 'retry_after' is not null then
        perform casebase.fail(429, 'answer_rate_exceeded', jsonb_build_object('retry_after', payload -> 'retry_after'),
            'Go on after a while.');
    end if;
    if (v_said -> 'is_repeated')::boolean then
        select * into v_session from public.sessions s where s.id = (payload ->> 'session_id')::uuid;
        perform practice.require_active(v_session);
        perform practice.require_turn(v_session, payload ->> 'chat_type', 1);
    end if;
    insert into practice.answers (session_id, chat_type, asked_message_id, source)
    values ((payload ->> 'session_id')::uuid, payload ->> 'chat_type', (v_said ->> 'message_id')::uuid, payload ->> 'source')
    returning * into v_answer;
    return practice.answer_events(v_answer, 0)
        || jsonb_build_object('is_started', true, 'material', practice.answer_material(v_answer));
end
$$;

create or replace function public.start_answer(payload jsonb) returns jsonb
    language sql
    set search_path = ''
as $$
    select practice.start_answer(payload)
$$;

comment on function public.start_answer(jsonb) is
    'Say something for a person and have it answered by whoever calls: payload {user_id, session_id, chat_type: main or '
    'helper, content of 1 to 2,000 characters, client_id, source: model or scripted, retry_after?: seconds, where none may be begun}. Returns {answer_id, session_id, status, '
    'message, chunks, end, is_started} and, if it is started, material {scenario_id, title, message_count, main, '
    'helper}: the chats'' last messages {role, content}. Sent again under its client_id, the same answer, or another where it failed. '
    'For the service. 404 session_not_found; 409 session_completed, session_expired, message_cap_reached (room is needed '
    'for the answer too), answer_in_progress, client_id_reused; 422 invalid_input; 429 answer_rate_exceeded {retry_after}.';

revoke execute on function practice.start_answer(jsonb), public.start_answer(jsonb)
from public, anon, authenticated, service_role;
grant execute on function practice.start_answer(jsonb), public.start_answer(jsonb) to service_role;
