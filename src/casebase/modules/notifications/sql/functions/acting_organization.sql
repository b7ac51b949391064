-- Nobody learns of an organisation that is not theirs: another's and one that does not exist are refused alike.
create or replace function notifications.acting_organization(organization_id uuid) returns uuid
    language plpgsql stable
    set search_path = ''
as $$
declare
    v_organizations uuid[];
begin
    if casebase.calling_role() = 'service_role' then
        v_organizations := array(
            select t.id from public.tenants t
            where t.id = coalesce(acting_organization.organization_id, casebase.default_tenant()));
    else
        v_organizations := array(
            select o from unnest(casebase.member_tenants()) o
            where o = coalesce(acting_organization.organization_id, o));
    end if;
    if v_organizations = '{}' then
        perform casebase.fail(404, 'organization_not_found', '{"field": "organization_id"}');
    elsif cardinality(v_organizations) > 1 then
        perform casebase.fail(422, 'invalid_input', jsonb_build_object('errors', jsonb_build_array(
            casebase.validation_error('organization_id', 'required', 'is needed by who belongs to several'))));
    end if;
    return v_organizations[1];
end
$$;

comment on function notifications.acting_organization(uuid) is
    'The organisation a call is about: the one named, else the caller''s only one, for the service the default one; '
    '404 organization_not_found for another''s, 422 invalid_input where it must be named.';

revoke execute on function notifications.acting_organization(uuid) from public;
