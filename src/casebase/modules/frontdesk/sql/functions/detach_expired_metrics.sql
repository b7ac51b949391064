-- Definer: partitions belong to the owner. The month goes to another partitioned table in the same transaction, so that a
-- dump of the module holds it, and the deletion of a tenant reaches it, until it is exported and dropped.
-- That takes the months' foreign key from one table to the other, for which nobody may read public.tenants: everybody waits
-- behind whoever waits for that, so it is not waited for. Beside a backup a month stays where it is.
create or replace function frontdesk.detach_expired_metrics(keep_months int) returns jsonb
    language plpgsql security definer
    set search_path = ''
    set timezone = 'UTC'
    set lock_timeout = '100ms'
as $$
declare
    v_month date;
    v_suffix text;
    v_index text;
    v_archive_id uuid;
begin
    perform casebase.require_valid(
        jsonb_build_object('keep_months', keep_months),
        '{"type": "object", "required": ["keep_months"],
          "properties": {"keep_months": {"type": "integer", "minimum": 1, "maximum": 1200}}}');
    perform frontdesk.lock_metric_months();
    select to_date(right(c.relname, 7), 'YYYY_MM') into v_month
    from pg_catalog.pg_inherits i
    join pg_catalog.pg_class c on c.oid = i.inhrelid
    where i.inhparent = 'public.analytics_metrics'::regclass and c.relname ~ '_\d{4}_\d\d$'
      and to_date(right(c.relname, 7), 'YYYY_MM')
          < date_trunc('month', casebase.now()) - make_interval(months => detach_expired_metrics.keep_months)
      and not exists (
          select from frontdesk.metric_archives a
          where a.dropped_at is null and a.month = to_date(right(c.relname, 7), 'YYYY_MM'))
      -- Counted first: the roll-ups stay when the month is gone.
      and not exists (
          select from frontdesk.metric_marks m
          where m.starts_at >= to_date(right(c.relname, 7), 'YYYY_MM')
            and m.starts_at < to_date(right(c.relname, 7), 'YYYY_MM') + interval '1 month')
    order by c.relname
    limit 1;
    if v_month is null then
        return null;
    end if;
    -- In the order in which writers lock.
    lock table only public.analytics_metrics in access exclusive mode;
    lock table only public.tenants in access exclusive mode;
    -- Now nobody adds to the month: the marks of who just did are all there to see.
    if exists (
        select from frontdesk.metric_marks m
        where m.starts_at >= v_month and m.starts_at < v_month + interval '1 month') then
        return null;
    end if;
    v_suffix := to_char(v_month, 'YYYY_MM');
    execute format('alter table public.analytics_metrics detach partition public.%I', 'analytics_metrics_' || v_suffix);
    execute format('alter table public.%I set schema frontdesk', 'analytics_metrics_' || v_suffix);
    execute format('alter table frontdesk.%I rename to %I', 'analytics_metrics_' || v_suffix, 'expired_metrics_' || v_suffix);
    execute format(
        'alter table frontdesk.expired_metrics attach partition frontdesk.%I for values from (%L) to (%L)',
        'expired_metrics_' || v_suffix, v_month::timestamptz, (v_month + interval '1 month')::timestamptz);
    -- Nobody looks for anything in it any more.
    for v_index in
        select c.relname
        from pg_catalog.pg_index i
        join pg_catalog.pg_class c on c.oid = i.indexrelid and not c.relispartition
        where i.indrelid = to_regclass('frontdesk.expired_metrics_' || v_suffix)
    loop
        execute format('drop index frontdesk.%I', v_index);
    end loop;
    insert into frontdesk.metric_archives (month) values (v_month) returning id into v_archive_id;
    return jsonb_build_object('archive_id', v_archive_id, 'month', to_char(v_month, 'YYYY-MM'));
exception
    when lock_not_available then
        return '{"is_busy": true}'::jsonb;
end
$$;

create or replace function public.detach_expired_metrics(keep_months int) returns jsonb
    language sql
    set search_path = ''
as $$
    select frontdesk.detach_expired_metrics(keep_months)
$$;

comment on function public.detach_expired_metrics(int) is
    'Take the oldest month out of public.analytics_metrics that is over for more than keep_months, 1 to 1200, and whose hours '
    'and days are all counted; nothing is deleted by it. Returns {archive_id, month}, null where there is none, or {is_busy: '
    'true} where others read the tables it needs for itself: it waits a tenth of a second, as they would behind it. For the '
    'service; a job calls it every hour. 422 invalid_input.';

revoke execute on function frontdesk.detach_expired_metrics(int), public.detach_expired_metrics(int)
from public, anon, authenticated, service_role;
grant execute on function frontdesk.detach_expired_metrics(int), public.detach_expired_metrics(int) to service_role;
