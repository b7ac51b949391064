create or replace function frontdesk.administered_tenant(tenant_id uuid) returns uuid
    language plpgsql stable
    set search_path = ''
as $$
declare
    v_tenant constant uuid := frontdesk.acting_tenant(tenant_id);
begin
    if not frontdesk.is_administrator(v_tenant) then
        perform casebase.fail(403, 'administrator_required', '{"field": "tenant_id"}',
            'Ask an owner of the tenant for the role admin.');
    end if;
    return v_tenant;
end
$$;

comment on function frontdesk.administered_tenant(uuid) is
    'The tenant a call decides for, as frontdesk.acting_tenant finds it; 403 administrator_required for its other members.';

revoke execute on function frontdesk.administered_tenant(uuid) from public;
