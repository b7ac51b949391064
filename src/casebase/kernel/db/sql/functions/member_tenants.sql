-- Definer: policies on tenant_users would otherwise call themselves. It shows a caller only their own tenants.
create or replace function casebase.member_tenants(roles text[] default null) returns uuid[]
    language sql stable security definer parallel safe
    set search_path = ''
as $$
    select coalesce(array_agg(m.tenant_id), '{}')
    from public.tenant_users m
    where m.user_id = auth.uid() and (roles is null or m.role = any (roles))
$$;

comment on function casebase.member_tenants(text[]) is
    'The caller''s tenants, or those where they have one of the roles. Policies call it once a statement: '
    'tenant_id = any ((select casebase.member_tenants())::uuid[]).';

revoke execute on function casebase.member_tenants(text[]) from public;
grant execute on function casebase.member_tenants(text[]) to authenticated, service_role;
