-- Definer: the API's role may not read auth.users. Whoever has the token was told the rest by whoever sent it.
create or replace function casebase.find_invitation(token text) returns jsonb
    language sql stable security definer
    set search_path = ''
as $$
    select jsonb_build_object(
        'tenant_id', i.tenant_id, 'tenant', t.name, 'email', i.email, 'role', i.role, 'expires_at', i.expires_at,
        'user_id', u.id, 'password_hash', u.encrypted_password,
        'can_sign_up', u.id is null and to_regclass('auth.identities') is null)
    from casebase.open_invitations(null, casebase.hash_token(token)) i
    join public.tenants t on t.id = i.tenant_id
    left join auth.users u on lower(u.email) = i.email and u.deleted_at is null
    where coalesce(u.banned_until < casebase.now(), true)
    limit 1
$$;

comment on function casebase.find_invitation(text) is
    'What an open invitation offers, and the id and bcrypt hash of the account it is for, if there is one; for the console only. '
    'can_sign_up: there is none, and the console may make it, as no Supabase Auth does.';

revoke execute on function casebase.find_invitation(text) from public;
grant execute on function casebase.find_invitation(text) to casebase_api;
