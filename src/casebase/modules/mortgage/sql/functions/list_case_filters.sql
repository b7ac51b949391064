-- Definer: the table is unexposed; auth.uid() makes the rows the caller's own.
create or replace function mortgage.list_case_filters(tenant_id uuid) returns jsonb
    language sql stable security definer
    set search_path = ''
as $$
    select coalesce(jsonb_agg(jsonb_build_object('filter_id', f.id, 'name', f.name, 'query', f.query_json)
                    order by lower(f.name)), '[]')
    from mortgage.saved_filters f
    where f.user_id = auth.uid() and f.tenant_id = list_case_filters.tenant_id
      and f.tenant_id = any (mortgage.staff_tenants())
$$;

create or replace function public.list_case_filters(tenant_id uuid) returns jsonb
    language sql stable
    set search_path = ''
as $$
    select mortgage.list_case_filters(tenant_id)
$$;

comment on function public.list_case_filters(uuid) is 'The caller''s saved filters of a tenant: [{filter_id, name, query}], by name.';

revoke execute on function mortgage.list_case_filters(uuid), public.list_case_filters(uuid) from public, anon, authenticated, service_role;
grant execute on function mortgage.list_case_filters(uuid), public.list_case_filters(uuid) to authenticated;
