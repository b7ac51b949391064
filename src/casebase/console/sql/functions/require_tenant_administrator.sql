create or replace function casebase.require_tenant_administrator(tenant_id uuid) returns text
    language plpgsql stable
    set search_path = ''
as $$
declare
    v_role constant text := casebase.role_in_tenant(tenant_id);
begin
    if v_role not in ('SERVICE', 'owner', 'admin') then
        perform casebase.fail(403, 'administrator_required', '{"field": "tenant_id"}',
            'Ask an owner of the tenant for the role admin.');
    end if;
    return v_role;
end
$$;

comment on function casebase.require_tenant_administrator(uuid) is
    'What the caller decides as in a tenant: SERVICE, owner or admin; 403 administrator_required for its other members, 404 '
    'tenant_not_found for everybody else.';

revoke execute on function casebase.require_tenant_administrator(uuid) from public;
