-- Definer: the API's role may not read auth.users. As Supabase's Auth: nobody whose e-mail waits for its confirmation.
-- Without it nobody confirms any, and who signed up here has none that is.
create or replace function practice.get_login(email text) returns jsonb
    language sql stable security definer
    set search_path = ''
as $$
    select jsonb_build_object(
        'user_id', u.id, 'password_hash', u.encrypted_password,
        'is_member', exists (select from public.tenant_users m where m.user_id = u.id))
    from auth.users u
    where lower(u.email) = lower(get_login.email)
      and u.encrypted_password is not null
      and (u.email_confirmed_at is not null or to_regclass('auth.identities') is null)
      and u.deleted_at is null
      and coalesce(u.banned_until < casebase.now(), true)
    limit 1
$$;

comment on function practice.get_login(text) is
    'The id and bcrypt hash of an account by e-mail and whether a tenant''s member, or null; for the web client''s sign-in.';

revoke execute on function practice.get_login(text) from public;
grant execute on function practice.get_login(text) to casebase_api;
