-- Definer: a service that inserts without naming a tenant need not read the tenants table.
create or replace function casebase.default_tenant() returns uuid
    language sql stable security definer
    set search_path = ''
as $$
    select t.id from public.tenants t where t.slug = 'default'
$$;

comment on function casebase.default_tenant() is 'The tenant of single-company installs.';

revoke execute on function casebase.default_tenant() from public;
grant execute on function casebase.default_tenant() to service_role;
