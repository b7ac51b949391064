-- Definer: people are granted no write of the tables. Their words only: what the partner and the helper say, the service
-- writes (settle_answer).
create or replace function practice.append_message(session_id uuid, chat_type text, content text, client_id uuid) returns jsonb
    language plpgsql security definer
    set search_path = ''
as $$
#variable_conflict use_variable
begin
    return practice.add_message(practice.acting_user(), session_id, chat_type, content, client_id, 1);
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
