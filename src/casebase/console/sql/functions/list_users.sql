create or replace function casebase.list_users() returns jsonb
    language sql stable
    set search_path = ''
as $$
    select coalesce(jsonb_agg(jsonb_build_object(
        'user_id', u.id, 'email', u.email, 'created_at', u.created_at, 'last_sign_in_at', u.last_sign_in_at,
        'memberships', m.memberships) order by u.email), '[]')
    from auth.users u
    cross join lateral (
        select coalesce(jsonb_agg(jsonb_build_object('tenant', t.slug, 'role', tu.role) order by t.slug), '[]') as memberships
        from public.tenant_users tu
        join public.tenants t on t.id = tu.tenant_id
        where tu.user_id = u.id
    ) m
    where u.deleted_at is null
$$;

comment on function casebase.list_users() is 'Everyone who has an account, with tenants and roles; for the owner''s CLI.';

revoke execute on function casebase.list_users() from public;
