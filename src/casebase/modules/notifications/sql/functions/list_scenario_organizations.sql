-- Definer: tenants are not the service's to list.
create or replace function notifications.list_scenario_organizations(organization text) returns jsonb
    language plpgsql stable security definer
    set search_path = ''
as $$
declare
    v_items jsonb;
begin
    perform casebase.require_valid(jsonb_build_object('organization', organization), '{
        "type": "object", "properties": {"organization": {"type": "string", "minLength": 1, "maxLength": 100}}}');
    select jsonb_agg(
        jsonb_build_object(
            'organization_id', t.id, 'slug', t.slug,
            'people', (select count(*) from public.tenant_users m where m.tenant_id = t.id))
        order by t.id)
    into v_items
    from public.tenants t
    where organization is null or organization in (t.id::text, t.slug);
    if v_items is null and organization is not null then
        perform casebase.fail(404, 'organization_not_found', '{"field": "organization"}');
    end if;
    return jsonb_build_object('items', coalesce(v_items, '[]'));
end
$$;

create or replace function public.list_scenario_organizations(organization text default null) returns jsonb
    language sql stable
    set search_path = ''
as $$
    select notifications.list_scenario_organizations(organization)
$$;

comment on function public.list_scenario_organizations(text) is
    'The organisations that can be evaluated, or the one with that id or slug: {items: [{organization_id, slug, people}]}, '
    'people being all who belong to it. For the service. 404 organization_not_found; 422 invalid_input.';

revoke execute on function notifications.list_scenario_organizations(text), public.list_scenario_organizations(text)
from public, anon, authenticated, service_role;
grant execute on function notifications.list_scenario_organizations(text), public.list_scenario_organizations(text) to service_role;
