-- Definer: as query_metrics. A name is looked up after the other in an index that begins with them, as they are few and
-- their hours many.
create or replace function frontdesk.list_metric_names(tenant_id uuid) returns jsonb
    language plpgsql stable security definer
    set search_path = ''
as $$
declare
    v_tenant constant uuid := frontdesk.administered_tenant(tenant_id);
    v_items jsonb;
begin
    with recursive
    rolled as (
        (select r.name from public.metric_rollups r where r.tenant_id = v_tenant order by r.name limit 1)
        union all
        select (
            select r.name from public.metric_rollups r where r.tenant_id = v_tenant and r.name > k.name order by r.name limit 1)
        from rolled k where k.name is not null
    ),
    marked as (
        (select m.name from frontdesk.metric_marks m where m.tenant_id = v_tenant order by m.name limit 1)
        union all
        select (
            select m.name from frontdesk.metric_marks m where m.tenant_id = v_tenant and m.name > k.name order by m.name limit 1)
        from marked k where k.name is not null
    )
    select coalesce(jsonb_agg(jsonb_build_object('name', k.name, 'latest_hour', greatest(
               (select max(r.starts_at) from public.metric_rollups r
                where r.tenant_id = v_tenant and r.name = k.name and r.granularity = 'hour'),
               (select max(m.starts_at) from frontdesk.metric_marks m
                where m.tenant_id = v_tenant and m.name = k.name and m.granularity = 'hour'))) order by k.name), '[]')
    into v_items
    from (select name from rolled union select name from marked) k
    where k.name is not null;
    return jsonb_build_object('tenant_id', v_tenant, 'items', v_items);
end
$$;

create or replace function public.list_metric_names(tenant_id uuid default null) returns jsonb
    language sql stable
    set search_path = ''
as $$
    select frontdesk.list_metric_names(tenant_id)
$$;

comment on function public.list_metric_names(uuid) is
    'The metrics that a tenant has: {tenant_id, items: [{name, latest_hour (the last in which there was a reading)}]}, by name. '
    'For administrators and the service. 403 administrator_required; 404 tenant_not_found; 422 invalid_input.';

revoke execute on function frontdesk.list_metric_names(uuid), public.list_metric_names(uuid)
from public, anon, authenticated, service_role;
grant execute on function frontdesk.list_metric_names(uuid), public.list_metric_names(uuid) to authenticated, service_role;
