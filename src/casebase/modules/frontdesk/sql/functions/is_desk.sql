create or replace function frontdesk.is_desk(tenant_id uuid) returns boolean
    language sql stable
    set search_path = ''
as $$
    select casebase.calling_role() = 'service_role' or tenant_id = any (casebase.member_tenants())
$$;

comment on function frontdesk.is_desk(uuid) is 'Whether the caller stands behind a tenant''s desk: its members do, and the service.';

revoke execute on function frontdesk.is_desk(uuid) from public;
