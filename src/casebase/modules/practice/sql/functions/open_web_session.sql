-- Definer: sessions and auth.users belong to nobody else. Some of those that expired are swept on the way, by whom nobody waits.
create or replace function practice.open_web_session(user_id uuid, idle_s int) returns uuid
    language plpgsql security definer
    set search_path = ''
as $$
#variable_conflict use_variable
declare
    v_id uuid;
begin
    delete from practice.web_sessions s
    where s.id = any (array(
        select e.id from practice.web_sessions e
        where e.expires_at <= casebase.now()
        order by e.expires_at limit 100 for update skip locked));
    insert into practice.web_sessions (user_id, expires_at)
    values (user_id, casebase.now() + make_interval(secs => idle_s))
    returning id into v_id;
    update auth.users u set last_sign_in_at = casebase.now() where u.id = user_id;
    return v_id;
end
$$;

comment on function practice.open_web_session(uuid, int) is
    'Sign a user in to the web client and return the session''s id; it ends after idle_s seconds without a request.';

revoke execute on function practice.open_web_session(uuid, int) from public;
grant execute on function practice.open_web_session(uuid, int) to casebase_api;
