-- Definer: nobody is granted to read a partition itself.
create or replace function frontdesk.list_metric_partitions() returns jsonb
    language sql stable security definer
    set search_path = ''
as $$
    select jsonb_build_object('items', coalesce(jsonb_agg(jsonb_build_object(
        'name', c.relname,
        'month', to_char(to_date(right(c.relname, 7), 'YYYY_MM'), 'YYYY-MM'),
        'state', case when i.inhparent = 'frontdesk.expired_metrics'::regclass then 'expired' else 'attached' end,
        'estimated_rows', greatest(c.reltuples, 0)::bigint,
        'bytes', pg_catalog.pg_total_relation_size(c.oid)) order by c.relname), '[]'),
        'waiting_in_default', (select count(*) from public.analytics_metrics_default))
    from pg_catalog.pg_inherits i
    join pg_catalog.pg_class c on c.oid = i.inhrelid
    where i.inhparent in ('public.analytics_metrics'::regclass, 'frontdesk.expired_metrics'::regclass)
      and c.relname ~ '_\d{4}_\d\d$'
$$;

create or replace function public.list_metric_partitions() returns jsonb
    language sql stable
    set search_path = ''
as $$
    select frontdesk.list_metric_partitions()
$$;

comment on function public.list_metric_partitions() is
    'The months of metrics that the database holds: {items: [{name, month, state (attached; expired: taken out and being '
    'exported), estimated_rows, bytes}], waiting_in_default (rows whose month has no partition yet)}. For the service.';

revoke execute on function frontdesk.list_metric_partitions(), public.list_metric_partitions()
from public, anon, authenticated, service_role;
grant execute on function frontdesk.list_metric_partitions(), public.list_metric_partitions() to service_role;
