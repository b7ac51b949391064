-- Definer: as its siblings. Every request of the console asks it, so whoever was removed or banned is out at once.
-- The expiry slides, but is written at most once in a tenth of the idle time, and never beyond the longest age.
create or replace function casebase.use_console_session(id uuid, idle_s int, max_age_s int, is_sliding boolean default true)
    returns jsonb
    language plpgsql security definer
    set search_path = ''
as $$
#variable_conflict use_variable
declare
    v_now constant timestamptz := casebase.now();
    v_session record;
    v_expires_at timestamptz;
begin
    select s.expires_at, s.created_at, u.id as user_id, u.email, m.tenants
    into v_session
    from casebase.console_sessions s
    join auth.users u on u.id = s.user_id and u.deleted_at is null and coalesce(u.banned_until < v_now, true)
    cross join lateral (
        select jsonb_agg(jsonb_build_object('id', t.id, 'slug', t.slug, 'name', t.name, 'role', tu.role) order by t.name) as tenants
        from public.tenant_users tu
        join public.tenants t on t.id = tu.tenant_id
        where tu.user_id = u.id
    ) m
    where s.id = id and s.expires_at > v_now and m.tenants is not null;

    if not found then
        return null;
    end if;

    v_expires_at := least(v_now + make_interval(secs => idle_s), v_session.created_at + make_interval(secs => max_age_s));
    if is_sliding and v_expires_at > v_session.expires_at + make_interval(secs => idle_s / 10) then
        update casebase.console_sessions s set expires_at = v_expires_at where s.id = id;
    end if;
    return jsonb_build_object('user_id', v_session.user_id, 'email', v_session.email, 'tenants', v_session.tenants);
end
$$;

comment on function casebase.use_console_session(uuid, int, int, boolean) is
    'The person and tenants of a live session, whose expiry slides; null when it ended or its user belongs nowhere any more.';

revoke execute on function casebase.use_console_session(uuid, int, int, boolean) from public;
grant execute on function casebase.use_console_session(uuid, int, int, boolean) to casebase_api;
