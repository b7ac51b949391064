create or replace function frontdesk.is_administrator(tenant_id uuid) returns boolean
    language sql stable
    set search_path = ''
as $$
    select casebase.calling_role() = 'service_role'
        or tenant_id = any (casebase.member_tenants(array['owner', 'admin']))
$$;

comment on function frontdesk.is_administrator(uuid) is
    'Whether the caller decides for a tenant: the service does for all, owners and admins for theirs.';

revoke execute on function frontdesk.is_administrator(uuid) from public;
