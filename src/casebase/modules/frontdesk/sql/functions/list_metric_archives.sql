-- Definer: archives are granted to nobody.
create or replace function frontdesk.list_metric_archives(only_open boolean) returns jsonb
    language sql stable security definer
    set search_path = ''
as $$
    select jsonb_build_object('items', coalesce(jsonb_agg(jsonb_build_object(
        'archive_id', a.id, 'month', to_char(a.month, 'YYYY-MM'), 'detached_at', a.detached_at, 'dropped_at', a.dropped_at,
        'row_count', a.row_count,
        -- Blocks are only ever added, and to a month that was taken out none are. One that another worker drops in this
        -- moment has no table any more.
        'part_count', coalesce(case when a.dropped_at is null then
            ceil(pg_catalog.pg_relation_size(to_regclass('frontdesk.expired_metrics_' || to_char(a.month, 'YYYY_MM')))
                 / current_setting('block_size')::numeric / 1000)::int end, p.part_count),
        'parts', coalesce(p.parts, '[]')) order by a.month, a.detached_at), '[]'))
    from frontdesk.metric_archives a
    cross join lateral (
        select count(*)::int as part_count, jsonb_agg(jsonb_build_object(
            'part', p.part, 'path', p.path, 'sha256', p.sha256, 'row_count', p.row_count, 'size_bytes', p.size_bytes)
            order by p.part) as parts
        from frontdesk.metric_archive_parts p where p.archive_id = a.id) p
    where a.dropped_at is null or not only_open
$$;

create or replace function public.list_metric_archives(only_open boolean default false) returns jsonb
    language sql stable
    set search_path = ''
as $$
    select frontdesk.list_metric_archives(only_open)
$$;

comment on function public.list_metric_archives(boolean) is
    'Months of metrics that had their time, or only those that are not dropped yet: {items: [{archive_id, month, detached_at, '
    'dropped_at, row_count, part_count, parts: [{part, path, sha256, row_count, size_bytes}]}]}. Paths are those of the file '
    'store; a file is gzipped JSON lines. For the service.';

revoke execute on function frontdesk.list_metric_archives(boolean), public.list_metric_archives(boolean)
from public, anon, authenticated, service_role;
grant execute on function frontdesk.list_metric_archives(boolean), public.list_metric_archives(boolean) to service_role;
