-- Definer: answers that are being made are granted to nobody. Who comes back after a while is noted, so it is volatile; what
-- was said gets no second home among kept replies. Of a session that is being deleted the end is waited for, and messages of
-- one that goes on are not.
create or replace function practice.get_active_session() returns jsonb
    language plpgsql security definer
    set search_path = ''
as $$
declare
    v_now constant timestamptz := casebase.now();
    v_user_id constant uuid := practice.acting_user();
    v_profile public.profiles;
    v_session public.sessions;
begin
    perform set_config('casebase.keep_reply', 'off', true);
    select * into v_profile from public.profiles p where p.id = v_user_id;
    select * into v_session from public.sessions s
    where s.user_id = v_profile.id and not s.is_completed and s.last_activity_at >= v_now - interval '168 hours'
    for key share;
    if v_session.id is null then
        return null;
    elsif greatest(v_session.last_activity_at, v_session.restored_at) < v_now - interval '5 minutes' then
        -- Of many reads at once the first notes it.
        update public.sessions s set restored_at = v_now
        where s.id = v_session.id and not s.is_completed
          and greatest(s.last_activity_at, s.restored_at) < v_now - interval '5 minutes';
        if found then
            perform practice.write_log('info', 'session_restored', v_profile.id, v_session.id,
                jsonb_build_object('scenario_id', v_session.scenario_id));
        end if;
    end if;
    return practice.session_reply(v_session, v_profile);
end
$$;

create or replace function public.get_active_session() returns jsonb
    language sql
    set search_path = ''
as $$
    select practice.get_active_session()
$$;

comment on function public.get_active_session() is
    'The caller''s session that can go on, with all that was said in both chats: {session, scenario, messages, answers, '
    'progress, allowance} as of start_session, answers being those that are made right now: [{answer_id, chat_type, '
    'asked_message_id, source, started_at}]. Null where there is none, or nothing was said in it for seven days. For people. '
    '403 user_required.';

revoke execute on function practice.get_active_session(), public.get_active_session()
from public, anon, authenticated, service_role;
grant execute on function practice.get_active_session(), public.get_active_session() to authenticated;
