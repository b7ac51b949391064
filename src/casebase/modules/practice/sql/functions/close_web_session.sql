-- Definer: as its siblings.
create or replace function practice.close_web_session(id uuid) returns uuid
    language sql security definer
    set search_path = ''
as $$
    delete from practice.web_sessions s where s.id = close_web_session.id returning s.user_id
$$;

comment on function practice.close_web_session(uuid) is
    'Sign out of the web client, wherever the cookie is; whose session it was, null when it had ended.';

revoke execute on function practice.close_web_session(uuid) from public;
grant execute on function practice.close_web_session(uuid) to casebase_api;
