-- Definer: people are granted no write of the tables. Repeated, it finds what the first call made of the session: whoever
-- completes one holds the profile's lock.
create or replace function practice.complete_session(session_id uuid) returns jsonb
    language plpgsql security definer
    set search_path = ''
as $$
#variable_conflict use_variable
declare
    v_profile public.profiles := practice.own_profile();
    v_session public.sessions;
    v_is_repeated boolean;
    v_answer_id uuid;
begin
    select * into v_session from public.sessions s where s.id = session_id and s.user_id = v_profile.id;
    v_is_repeated := v_session.is_completed is true;
    if not v_is_repeated then
        perform practice.own_active_session(session_id);
        if not exists (
            select from public.messages m
            where m.session_id = session_id and m.role = 'user' and m.chat_type = 'main'
        ) then
            perform casebase.fail(409, 'session_empty', '{"field": "session_id"}', 'Say something to the partner, or abandon it.');
        end if;
        for v_answer_id in
            select a.id from practice.answers a where a.session_id = session_id and a.status = 'running' order by a.id
        loop
            perform practice.close_answer(v_answer_id);
        end loop;

        update public.sessions s set is_completed = true where s.id = session_id returning * into v_session;
        perform practice.write_log('info', 'scenario_completed', v_profile.id, session_id, jsonb_build_object(
            'scenario_id', v_session.scenario_id, 'duration_ms', v_session.duration_seconds * 1000::bigint,
            'message_count_main', v_session.message_count_main, 'message_count_helper', v_session.message_count_helper));
        select * into strict v_profile from public.profiles p where p.id = v_profile.id;
    end if;
    return jsonb_build_object(
        'session', practice.session_json(v_session), 'is_repeated', v_is_repeated,
        'completed_scenario_count', v_profile.completed_scenario_count, 'allowance', practice.allowance_of(v_profile));
end
$$;

create or replace function public.complete_session(session_id uuid) returns jsonb
    language sql
    set search_path = ''
as $$
    select practice.complete_session(session_id)
$$;

comment on function public.complete_session(uuid) is
    'End the caller''s active session for good. It counts in the week it is completed in; an answer that is being made is '
    'closed with what it has. Again, nothing changes (is_repeated). Returns {session, is_repeated, completed_scenario_count, '
    'allowance}, session and allowance as of start_session. For people. 403 user_required; 404 session_not_found; 409 '
    'session_empty (nothing was said to the partner), session_expired.';

revoke execute on function practice.complete_session(uuid), public.complete_session(uuid)
from public, anon, authenticated, service_role;
grant execute on function practice.complete_session(uuid), public.complete_session(uuid) to authenticated;
