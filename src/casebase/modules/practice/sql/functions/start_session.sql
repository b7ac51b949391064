-- Definer: people are granted no write of the tables. The profile's lock is held from its count to the new row, so of any
-- number of starts one finds neither a session nor a full week.
create or replace function practice.start_session(scenario_id int) returns jsonb
    language plpgsql security definer
    set search_path = ''
as $$
#variable_conflict use_variable
declare
    v_now constant timestamptz := casebase.now();
    v_profile constant public.profiles := practice.own_profile();
    v_scenario public.scenarios;
    v_session public.sessions;
begin
    select * into v_scenario from public.scenarios c where c.id = scenario_id;
    if v_scenario.id is null then
        perform casebase.fail(404, 'scenario_not_found', '{"field": "scenario_id"}', 'list_scenarios tells what there is.');
    elsif not v_scenario.is_active then
        perform casebase.fail(409, 'scenario_inactive', '{"field": "scenario_id"}', 'list_scenarios tells what there is.');
    elsif v_profile.current_week_completion_count >= 3 then
        perform casebase.fail(429, 'weekly_limit_reached',
            jsonb_build_object('resets_at', v_profile.week_reset_date, 'limit', 3, 'retry_after',
                ceil(extract(epoch from v_profile.week_reset_date - v_now))::int), 'The new week begins at resets_at.');
    end if;

    select * into v_session from public.sessions s
    where s.user_id = v_profile.id and not s.is_completed
    for no key update;
    if v_session.last_activity_at < v_now - interval '168 hours' then
        -- Only now what waits for those who name it, such as the log.
        perform from public.sessions s where s.id = v_session.id for update;
        delete from public.sessions s where s.id = v_session.id;
        perform practice.write_log('info', 'session_expiration_cleanup', v_profile.id, null, '{"count": 1}');
    elsif v_session.id is not null then
        perform casebase.fail(409, 'session_active', jsonb_build_object('session_id', v_session.id),
            'Go on with it, complete it or abandon it.');
    end if;

    insert into public.sessions (user_id, scenario_id, started_at, last_activity_at)
    values (v_profile.id, v_scenario.id, v_now, v_now)
    returning * into v_session;
    insert into public.messages (session_id, role, chat_type, content, "timestamp") values
        (v_session.id, 'scenario', 'main', v_scenario.initial_message_main, v_now),
        (v_session.id, 'helper', 'helper', v_scenario.initial_message_helper, v_now + interval '1 microsecond');
    select * into strict v_session from public.sessions s where s.id = v_session.id;

    perform practice.write_log('warn', 'rate_limit_checked', v_profile.id, v_session.id,
        jsonb_build_object('completed_this_week', v_profile.current_week_completion_count, 'limit', 3));
    perform practice.write_log('info', e, v_profile.id, v_session.id, jsonb_build_object('scenario_id', v_scenario.id))
    from unnest(array['session_created', 'scenario_started']) e;
    return practice.session_reply(v_session, v_profile);
end
$$;

create or replace function public.start_session(scenario_id int) returns jsonb
    language sql
    set search_path = ''
as $$
    select practice.start_session(scenario_id)
$$;

comment on function public.start_session(int) is
    'Begin a session in a scenario, with the first words of the partner and of the helper. Three completed in a week (ISO, '
    'from Monday 00:00 UTC) are all; an own one that is still active has to end first, an expired one is removed. Returns '
    '{session: {session_id, scenario_id, is_completed, started_at, last_activity_at, expires_at, completed_at, '
    'duration_seconds, message_count_main, message_count_helper}, scenario: {scenario_id, title, emoji}, messages: '
    '[{message_id, role, chat_type, content, timestamp, client_id, is_incomplete}], answers: [], progress: '
    '{message_count_main, should_conclude, conclude_from, conclude_until, cap, remaining}, allowance: {completed_this_week, '
    'limit, remaining, resets_at}}. For people. 403 user_required; 404 scenario_not_found; 409 scenario_inactive, '
    'session_active (detail {session_id}); 429 weekly_limit_reached (detail {resets_at, limit, retry_after: seconds}).';

revoke execute on function practice.start_session(int), public.start_session(int)
from public, anon, authenticated, service_role;
grant execute on function practice.start_session(int), public.start_session(int) to authenticated;
