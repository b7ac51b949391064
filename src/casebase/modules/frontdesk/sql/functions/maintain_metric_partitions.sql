-- Definer: partitions belong to the owner. It gives up where locks cannot be had soon: the next run is not far.
-- The months ahead are committed by themselves, and of those that rows wait for each call moves one: what was made stays
-- made, however much waits behind it.
create or replace function frontdesk.maintain_metric_partitions() returns jsonb
    language plpgsql security definer
    set search_path = ''
    set timezone = 'UTC'
    set lock_timeout = '5s'
as $$
declare
    v_month date;
    v_made date[] := array[]::date[];
    v_waiting bigint;
    v_moved bigint := 0;
    v_today constant date := casebase.now()::date;
begin
    perform frontdesk.lock_metric_months();
    for v_month in
        select m::date
        from generate_series(date_trunc('month', v_today::timestamp), v_today + interval '3 months', interval '1 month') m
        where to_regclass('public.analytics_metrics_' || to_char(m, 'YYYY_MM')) is null
          and not exists (
              select from public.analytics_metrics_default d
              where d.created_at >= m::timestamptz and d.created_at < (m + interval '1 month')::timestamptz)
        order by 1
    loop
        v_moved := v_moved + frontdesk.make_metric_month(v_month);
        v_made := v_made || v_month;
    end loop;

    if v_made = '{}' then
        -- After a restored dump a month that was being exported is no partition any more: its rows begin anew.
        with restored as (delete from frontdesk.expired_metrics_default returning *)
        insert into public.analytics_metrics (id, name, value, tenant_id, tags, created_at)
        select r.id, r.name, r.value, r.tenant_id, r.tags, r.created_at from restored r;
        with ended as (
            update frontdesk.metric_archives a set dropped_at = casebase.now(), row_count = 0
            where a.dropped_at is null and to_regclass('frontdesk.expired_metrics_' || to_char(a.month, 'YYYY_MM')) is null
            returning a.id)
        delete from frontdesk.metric_archive_parts p using ended e where p.archive_id = e.id;

        select count(*), date_trunc('month', min(d.created_at))::date into v_waiting, v_month
        from public.analytics_metrics_default d;
        if v_waiting > 0 then
            v_moved := frontdesk.make_metric_month(v_month);
            v_made := array[v_month];
            perform casebase.raise_alert(
                null, 'metrics_without_partition', 'Metrics came for a month that had no partition',
                format('%s rows waited in public.analytics_metrics_default and are moved to their months. ', v_waiting)
                || 'Look at the clock of who sends them.',
                v_today::text);
        end if;
    end if;
    return jsonb_build_object(
        'made', (select coalesce(jsonb_agg(to_char(m, 'YYYY-MM') order by m), '[]') from unnest(v_made) m), 'moved', v_moved,
        'is_more', exists (select from public.analytics_metrics_default)
                   or exists (select from frontdesk.expired_metrics_default));
end
$$;

create or replace function public.maintain_metric_partitions() returns jsonb
    language sql
    set search_path = ''
as $$
    select frontdesk.maintain_metric_partitions()
$$;

comment on function public.maintain_metric_partitions() is
    'Make the partitions of public.analytics_metrics for this month and the three ahead; where they are there, the first '
    'month whose rows wait in the default one, which are moved, and the operators told. Returns {made: [YYYY-MM], moved, '
    'is_more (call again)}. Moving takes some 25 seconds a million rows: whoever calls gives it the time. For the service; a '
    'job calls it every hour.';

revoke execute on function frontdesk.maintain_metric_partitions(), public.maintain_metric_partitions()
from public, anon, authenticated, service_role;
grant execute on function frontdesk.maintain_metric_partitions(), public.maintain_metric_partitions() to service_role;
