-- Not acting_tenant: these functions run as their owner, and who serves the cases need not set the terms.
create or replace function mortgage.settings_tenant(tenant_id uuid) returns uuid
    language plpgsql stable
    set search_path = ''
as $$
declare
    v_heads uuid[];
begin
    if casebase.calling_role() <> 'authenticated' then
        if tenant_id is not null and not exists (select from public.tenants t where t.id = settings_tenant.tenant_id) then
            perform casebase.fail(404, 'tenant_not_found', '{"field": "tenant_id"}');
        end if;
        return coalesce(tenant_id, casebase.default_tenant());
    end if;
    v_heads := array(select t from unnest(casebase.member_tenants(array['owner', 'admin'])) t order by t);
    if v_heads = '{}' or not coalesce(tenant_id = any (v_heads), true) then
        perform casebase.fail(403, 'forbidden', '{}', 'Owners and admins of the tenant decide this.');
    end if;
    return coalesce(tenant_id, v_heads[1]);
end
$$;

comment on function mortgage.settings_tenant(uuid) is
    'The tenant whose settings a call is about: the one named, else the caller''s first, for the service the default one; '
    '403 for whoever neither owns nor administers it.';

revoke execute on function mortgage.settings_tenant(uuid) from public;
