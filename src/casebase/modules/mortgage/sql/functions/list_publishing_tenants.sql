-- Definer: as list_publishable_cases.
create or replace function mortgage.list_publishing_tenants() returns jsonb
    language sql stable security definer
    set search_path = ''
as $$
    select coalesce(jsonb_agg(jsonb_build_object('tenant_id', t.id, 'slug', t.slug) order by t.slug), '[]')
    from public.tenants t
    where exists (select from public.scenario_outcomes o where o.tenant_id = t.id)
$$;

create or replace function public.list_publishing_tenants() returns jsonb
    language sql stable
    set search_path = ''
as $$
    select mortgage.list_publishing_tenants()
$$;

comment on function public.list_publishing_tenants() is
    'The tenants that have outcomes to publish from, for the service alone: [{tenant_id, slug}].';

revoke execute on function mortgage.list_publishing_tenants(), public.list_publishing_tenants()
    from public, anon, authenticated, service_role;
grant execute on function mortgage.list_publishing_tenants(), public.list_publishing_tenants() to service_role;
