-- Definer: partitions belong to the owner. It gives up where locks cannot be had soon: the next run is not far.
create or replace function frontdesk.maintain_metric_partitions() returns jsonb
    language plpgsql security definer
    set search_path = ''
    set timezone = 'UTC'
    set lock_timeout = '5s'
as $$
declare
    v_month date;
    v_made date[] := array[]::date[];
    v_moved bigint := 0;
    v_today constant date := casebase.now()::date;
begin
    perform frontdesk.lock_metric_months();
    -- After a restored dump a month that was being exported is no partition any more: its rows begin anew.
    with restored as (delete from frontdesk.expired_metrics_default returning *)
    insert into public.analytics_metrics (id, name, value, tenant_id, tags, created_at)
    select r.id, r.name, r.value, r.tenant_id, r.tags, r.created_at from restored r;
    with ended as (
        update frontdesk.metric_archives a set dropped_at = casebase.now(), row_count = 0
        where a.dropped_at is null and to_regclass('frontdesk.expired_metrics_' || to_char(a.month, 'YYYY_MM')) is null
        returning a.id)
    delete from frontdesk.metric_archive_parts p using ended e where p.archive_id = e.id;

    for v_month in
        select m::date
        from generate_series(date_trunc('month', v_today::timestamp), v_today + interval '3 months', interval '1 month') m
        union
        select date_trunc('month', d.created_at at time zone 'UTC')::date from public.analytics_metrics_default d
        order by 1
    loop
        continue when to_regclass('public.analytics_metrics_' || to_char(v_month, 'YYYY_MM')) is not null;
        v_moved := v_moved + frontdesk.make_metric_month(v_month);
        v_made := v_made || v_month;
    end loop;
    if v_moved > 0 then
        perform casebase.raise_alert(
            null, 'metrics_without_partition', 'Metrics came for a month that had no partition',
            format('%s rows waited in public.analytics_metrics_default and are in their months now. ', v_moved)
            || 'Look at the clock of who sends them.',
            v_today::text);
    end if;
    return jsonb_build_object(
        'made', (select coalesce(jsonb_agg(to_char(m, 'YYYY-MM') order by m), '[]') from unnest(v_made) m), 'moved', v_moved);
end
$$;

create or replace function public.maintain_metric_partitions() returns jsonb
    language sql
    set search_path = ''
as $$
    select frontdesk.maintain_metric_partitions()
$$;

comment on function public.maintain_metric_partitions() is
    'Make the partitions of public.analytics_metrics for this month, the three ahead and every month whose rows wait in the '
    'default one, which are moved, and the operators told. Returns {made: [YYYY-MM], moved}. For the service; a job calls it '
    'every hour.';

revoke execute on function frontdesk.maintain_metric_partitions(), public.maintain_metric_partitions()
from public, anon, authenticated, service_role;
grant execute on function frontdesk.maintain_metric_partitions(), public.maintain_metric_partitions() to service_role;
