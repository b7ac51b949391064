-- Invoker. From one county to the next by the index: reading every docket to tell a few hundred names would be slow.
create or replace function enforcement.list_pipeline_counties(tenant_id uuid) returns jsonb
    language plpgsql stable
    set search_path = ''
as $$
#variable_conflict use_variable
declare
    v_tenant_id uuid := enforcement.reading_tenant(tenant_id);
begin
    return jsonb_build_object('items', (
        with recursive counties as (
            (select c.state, c.county from judgments.cases c
             where c.tenant_id = v_tenant_id order by c.state, c.county limit 1)
            union all
            select n.state, n.county
            from counties p
            cross join lateral (
                select c.state, c.county from judgments.cases c
                where c.tenant_id = v_tenant_id and (c.state, c.county) > (p.state, p.county)
                order by c.state, c.county limit 1
            ) n
        )
        select coalesce(jsonb_agg(to_jsonb(c) order by c.state, c.county), '[]') from counties c));
end
$$;

create or replace function public.list_pipeline_counties(tenant_id uuid default null) returns jsonb
    language sql stable
    set search_path = ''
as $$
    select enforcement.list_pipeline_counties(tenant_id)
$$;

comment on function public.list_pipeline_counties(uuid) is
    'The states and counties a tenant''s dockets are in, to filter the pipeline by: {items [{state, county}]}. Members too. '
    '403 forbidden; 404 tenant_not_found.';

revoke execute on function enforcement.list_pipeline_counties(uuid), public.list_pipeline_counties(uuid)
from public, anon, authenticated, service_role;
grant execute on function enforcement.list_pipeline_counties(uuid), public.list_pipeline_counties(uuid)
to authenticated, service_role;
