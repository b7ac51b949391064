-- One tenant a call, as enforcement.acting_tenant, but for every member.
create or replace function enforcement.reading_tenant(tenant_id uuid) returns uuid
    language plpgsql stable
    set search_path = ''
as $$
declare
    v_tenants uuid[];
begin
    if casebase.calling_role() = 'service_role' then
        return enforcement.acting_tenant(tenant_id);
    end if;
    v_tenants := array(select t from unnest(casebase.member_tenants()) t order by t);
    if v_tenants = '{}' then
        perform casebase.fail(403, 'forbidden', '{}', 'Ask an owner of the tenant to make you a member.');
    end if;
    if not coalesce(tenant_id = any (v_tenants), true) then
        perform casebase.fail(404, 'tenant_not_found', '{"field": "tenant_id"}');
    end if;
    return coalesce(tenant_id, v_tenants[1]);
end
$$;

comment on function enforcement.reading_tenant(uuid) is
    'The tenant a read is about: the one named, else the caller''s first, for the service the default one; 404 '
    'tenant_not_found for another''s, 403 forbidden for whoever has none.';

revoke execute on function enforcement.reading_tenant(uuid) from public;
grant execute on function enforcement.reading_tenant(uuid) to authenticated, service_role;
