create or replace function notifications.is_administrator(organization_id uuid) returns boolean
    language sql stable
    set search_path = ''
as $$
    select casebase.calling_role() = 'service_role'
        or organization_id = any (casebase.member_tenants(array['owner', 'admin']))
$$;

comment on function notifications.is_administrator(uuid) is
    'Whether the caller acts for an organisation: the service does for all, owners and admins for theirs.';

revoke execute on function notifications.is_administrator(uuid) from public;
