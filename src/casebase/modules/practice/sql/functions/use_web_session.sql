-- Definer: as its siblings. Every request of the web client asks it, so whoever was banned or deleted is out at once.
-- The expiry slides, but is written at most once in a tenth of the idle time, and never beyond the longest age.
create or replace function practice.use_web_session(id uuid, idle_s int, max_age_s int) returns jsonb
    language plpgsql security definer
    set search_path = ''
as $$
#variable_conflict use_variable
declare
    v_now constant timestamptz := casebase.now();
    v_session record;
    v_expires_at timestamptz;
begin
    select s.expires_at, s.created_at, u.id as user_id, u.email into v_session
    from practice.web_sessions s
    join auth.users u on u.id = s.user_id and u.deleted_at is null and coalesce(u.banned_until < v_now, true)
    where s.id = id and s.expires_at > v_now;
    if not found then
        -- Removed by whoever meets it first, so that it is told once, however often its cookie comes.
        delete from practice.web_sessions s where s.id = id and s.expires_at <= v_now;
        return case when found then '{"is_expired": true}'::jsonb end;
    end if;

    v_expires_at := least(v_now + make_interval(secs => idle_s), v_session.created_at + make_interval(secs => max_age_s));
    if v_expires_at > v_session.expires_at + make_interval(secs => idle_s / 10) then
        update practice.web_sessions s set expires_at = v_expires_at where s.id = id;
    end if;
    return jsonb_build_object('user_id', v_session.user_id, 'email', v_session.email);
end
$$;

comment on function practice.use_web_session(uuid, int, int) is
    'The person of a live session of the web client, whose expiry slides; {is_expired} the first time it is asked for after its '
    'time was up, and null for one that is not there.';

revoke execute on function practice.use_web_session(uuid, int, int) from public;
grant execute on function practice.use_web_session(uuid, int, int) to casebase_api;
