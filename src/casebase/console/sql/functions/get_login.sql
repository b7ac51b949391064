-- Definer: the API's role may not read auth.users. Only people who belong to a tenant can sign in to the console.
create or replace function casebase.get_login(email text) returns jsonb
    language sql stable security definer
    set search_path = ''
as $$
    select jsonb_build_object('user_id', u.id, 'password_hash', u.encrypted_password)
    from auth.users u
    where lower(u.email) = lower(get_login.email)
      and u.encrypted_password is not null
      and u.deleted_at is null
      and coalesce(u.banned_until < casebase.now(), true)
      and exists (select from public.tenant_users m where m.user_id = u.id)
    limit 1
$$;

comment on function casebase.get_login(text) is
    'The id and bcrypt hash of a tenant''s member by e-mail, or null; for the console''s login only.';

revoke execute on function casebase.get_login(text) from public;
grant execute on function casebase.get_login(text) to casebase_api;
