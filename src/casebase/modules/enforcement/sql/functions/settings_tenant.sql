-- Not acting_tenant: who works the cases need not set the terms.
create or replace function enforcement.settings_tenant(tenant_id uuid) returns uuid
    language plpgsql stable
    set search_path = ''
as $$
declare
    v_heads uuid[];
begin
    if casebase.calling_role() = 'service_role' then
        return enforcement.acting_tenant(tenant_id);
    end if;
    v_heads := array(select t from unnest(casebase.member_tenants(array['owner', 'admin'])) t order by t);
    if v_heads = '{}' or not coalesce(tenant_id = any (v_heads), true) then
        perform casebase.fail(403, 'forbidden', '{}', 'Owners and admins of the tenant decide this.');
    end if;
    return coalesce(tenant_id, v_heads[1]);
end
$$;

comment on function enforcement.settings_tenant(uuid) is
    'The tenant whose settings a call is about: the one named, else the caller''s first, for the service the default one; '
    '403 forbidden for whoever neither owns nor administers it.';

revoke execute on function enforcement.settings_tenant(uuid) from public;
