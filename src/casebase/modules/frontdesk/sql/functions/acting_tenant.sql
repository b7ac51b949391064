-- Nobody learns of a tenant that is not theirs: another's and one that does not exist are refused alike.
create or replace function frontdesk.acting_tenant(tenant_id uuid) returns uuid
    language plpgsql stable
    set search_path = ''
as $$
declare
    v_tenants uuid[];
begin
    if casebase.calling_role() = 'service_role' then
        v_tenants := array(
            select t.id from public.tenants t where t.id = coalesce(acting_tenant.tenant_id, casebase.default_tenant()));
    else
        v_tenants := array(
            select t from unnest(casebase.member_tenants()) t where t = coalesce(acting_tenant.tenant_id, t));
    end if;
    if v_tenants = '{}' then
        perform casebase.fail(404, 'tenant_not_found', '{"field": "tenant_id"}');
    elsif cardinality(v_tenants) > 1 then
        perform casebase.fail(422, 'invalid_input', jsonb_build_object('errors', jsonb_build_array(
            casebase.validation_error('tenant_id', 'required', 'is needed by who belongs to several'))));
    end if;
    return v_tenants[1];
end
$$;

comment on function frontdesk.acting_tenant(uuid) is
    'The tenant a call is about: the one named, else the caller''s only one, for the service the default one; 404 '
    'tenant_not_found for another''s, 422 invalid_input where it must be named.';

revoke execute on function frontdesk.acting_tenant(uuid) from public;
