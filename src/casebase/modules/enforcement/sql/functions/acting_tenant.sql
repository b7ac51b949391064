-- One tenant a call: an index on (tenant_id, …) then yields rows in order, which `= any (several)` cannot.
create or replace function enforcement.acting_tenant(tenant_id uuid) returns uuid
    language plpgsql stable
    set search_path = ''
as $$
declare
    v_operated uuid[];
begin
    if casebase.calling_role() = 'service_role' then
        if tenant_id is not null and not exists (select from public.tenants t where t.id = acting_tenant.tenant_id) then
            perform casebase.fail(404, 'tenant_not_found', '{"field": "tenant_id"}');
        end if;
        return coalesce(tenant_id, casebase.default_tenant());
    end if;
    v_operated := array(select t from unnest(enforcement.operator_tenants()) t order by t);
    if v_operated = '{}' or not coalesce(tenant_id = any (v_operated), true) then
        perform casebase.fail(403, 'operator_required', '{}',
            'Ask an owner of the tenant for the role enforcement_operator.');
    end if;
    return coalesce(tenant_id, v_operated[1]);
end
$$;

comment on function enforcement.acting_tenant(uuid) is
    'The tenant a call is about: the one named, else the caller''s first, for the service the default one; '
    '403 operator_required for whoever does not operate it.';

revoke execute on function enforcement.acting_tenant(uuid) from public;
grant execute on function enforcement.acting_tenant(uuid) to authenticated, service_role;
