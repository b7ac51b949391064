-- Definer, as every RPC of people here: the owner is asked for once, and not by a policy for each row. A session has 130
-- messages at most, so there are no pages.
create or replace function practice.list_messages(session_id uuid, after timestamptz) returns jsonb
    language plpgsql stable security definer
    set search_path = ''
as $$
#variable_conflict use_variable
declare
    v_user_id constant uuid := practice.acting_user();
    v_session public.sessions;
begin
    select * into v_session from public.sessions s where s.id = session_id and s.user_id = v_user_id;
    if v_session.id is null then
        perform casebase.fail(404, 'session_not_found', '{"field": "session_id"}');
    end if;
    return (
        select jsonb_build_object(
            'session', practice.session_json(v_session),
            'scenario', (select practice.scenario_json(c) from public.scenarios c where c.id = v_session.scenario_id),
            'items', coalesce(jsonb_agg(practice.message_json(m) order by m."timestamp", m.id), '[]'),
            'next_after', coalesce(max(m."timestamp"), after))
        from public.messages m
        where m.session_id = session_id and m."timestamp" > coalesce(after, '-infinity')
    );
end
$$;

create or replace function public.list_messages(session_id uuid, after timestamptz default null) returns jsonb
    language sql stable
    set search_path = ''
as $$
    select practice.list_messages(session_id, after)
$$;

comment on function public.list_messages(uuid, timestamptz) is
    'What was said in a session of the caller''s, completed or not, in both chats, the oldest first, of what came after a '
    'moment: {session, scenario, items [{message_id, role (user, scenario, helper), chat_type (main, helper), content, '
    'timestamp, client_id, is_incomplete}], next_after}, session and scenario as of start_session. next_after is what to '
    'call with for what is said later. For people. 403 user_required; 404 session_not_found.';

revoke execute on function practice.list_messages(uuid, timestamptz), public.list_messages(uuid, timestamptz)
from public, anon, authenticated, service_role;
grant execute on function practice.list_messages(uuid, timestamptz), public.list_messages(uuid, timestamptz) to authenticated;
