-- Definer: people are granted no write of the tables.
create or replace function practice.abandon_session(session_id uuid) returns jsonb
    language plpgsql security definer
    set search_path = ''
as $$
#variable_conflict use_variable
declare
    v_user_id constant uuid := practice.acting_user();
    v_session public.sessions;
begin
    select * into v_session from public.sessions s where s.id = session_id and s.user_id = v_user_id for update;
    if v_session.id is null then
        perform casebase.fail(404, 'session_not_found', '{"field": "session_id"}');
    elsif v_session.is_completed then
        perform casebase.fail(409, 'session_completed', '{"field": "session_id"}', 'A completed session stays.');
    end if;
    -- In the order of ids, as their makers lock them; a cascade has no order.
    perform from practice.answers a where a.session_id = session_id order by a.id for update;
    delete from public.sessions s where s.id = session_id;
    perform practice.write_log('info', 'scenario_abandoned', v_user_id, null, jsonb_build_object(
        'scenario_id', v_session.scenario_id,
        'message_count_main', v_session.message_count_main, 'message_count_helper', v_session.message_count_helper));
    return jsonb_build_object(
        'session_id', v_session.id,
        'message_count_main', v_session.message_count_main, 'message_count_helper', v_session.message_count_helper);
end
$$;

create or replace function public.abandon_session(session_id uuid) returns jsonb
    language sql
    set search_path = ''
as $$
    select practice.abandon_session(session_id)
$$;

comment on function public.abandon_session(uuid) is
    'Delete the caller''s session that is not completed, with all that was said in it; it does not count. Returns what was '
    'deleted: {session_id, message_count_main, message_count_helper}. For people. 403 user_required; 404 session_not_found; '
    '409 session_completed.';

revoke execute on function practice.abandon_session(uuid), public.abandon_session(uuid)
from public, anon, authenticated, service_role;
grant execute on function practice.abandon_session(uuid), public.abandon_session(uuid) to authenticated;
