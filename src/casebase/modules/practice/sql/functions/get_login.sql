-- Definer: the API's role may not read auth.users. As Supabase's Auth: nobody whose e-mail waits for its confirmation.
create or replace function practice.get_login(email text) returns jsonb
    language sql stable security definer
    set search_path = ''
as $$
    select jsonb_build_object('user_id', u.id, 'password_hash', u.encrypted_password)
    from auth.users u
    where lower(u.email) = lower(get_login.email)
      and u.encrypted_password is not null
      and u.email_confirmed_at is not null
      and u.deleted_at is null
      and coalesce(u.banned_until < casebase.now(), true)
    limit 1
$$;

comment on function practice.get_login(text) is
    'The id and bcrypt hash of an account by e-mail, or null; for the web client''s sign-in only.';

revoke execute on function practice.get_login(text) from public;
grant execute on function practice.get_login(text) to casebase_api;
