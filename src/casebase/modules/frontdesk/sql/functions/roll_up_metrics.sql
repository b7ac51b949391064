-- Definer: nobody is granted the marks. One at a time: two that count the same hour could write the older count last.
--
-- What is lost by nobody: marks are taken by one statement, metrics are counted by later ones, which see all that was
-- committed with the marks; what is committed afterwards has a mark of its own. A bucket is counted once it is over.
create or replace function frontdesk.roll_up_metrics(batch_limit int) returns jsonb
    language plpgsql security definer
    set search_path = ''
    set plan_cache_mode = force_custom_plan
    set jit = off
    set timezone = 'UTC'
as $$
declare
    v_hour constant timestamptz := date_trunc('hour', casebase.now());
    v_day constant timestamptz := date_trunc('day', casebase.now());
    v_granularity text;
    v_tenants uuid[];
    v_names text[];
    v_starts timestamptz[];
    v_counted int := 0;
begin
    perform casebase.require_valid(
        jsonb_build_object('batch_limit', batch_limit),
        '{"type": "object", "required": ["batch_limit"],
          "properties": {"batch_limit": {"type": "integer", "minimum": 1, "maximum": 10000}}}');
    if not pg_catalog.pg_try_advisory_xact_lock(pg_catalog.hashtextextended('frontdesk.roll_up_metrics', 0)) then
        return jsonb_build_object('counted', 0, 'is_more', false);
    end if;
    -- Of an hour that is not over one mark is as good as thousands.
    delete from frontdesk.metric_marks m
    where exists (
        select from frontdesk.metric_marks o
        where o.tenant_id = m.tenant_id and o.name = m.name and o.granularity = m.granularity
          and o.starts_at = m.starts_at and o.id < m.id);

    foreach v_granularity in array array['hour', 'day'] loop
        select array_agg(b.tenant_id), array_agg(b.name), array_agg(b.starts_at)
        into v_tenants, v_names, v_starts
        from (
            select m.tenant_id, m.name, m.starts_at from frontdesk.metric_marks m
            where m.granularity = v_granularity and m.starts_at < (case v_granularity when 'hour' then v_hour else v_day end)
            group by m.tenant_id, m.name, m.starts_at
            order by min(m.id)
            limit batch_limit) b;
        continue when v_tenants is null;
        delete from frontdesk.metric_marks m
        using unnest(v_tenants, v_names, v_starts) b (tenant_id, name, starts_at)
        where m.tenant_id = b.tenant_id and m.name = b.name and m.granularity = v_granularity and m.starts_at = b.starts_at;

        insert into public.metric_rollups as r (tenant_id, name, granularity, starts_at, count, sum, min, max, p50, p95, p99)
        select b.tenant_id, b.name, v_granularity, b.starts_at, s.count, s.sum, s.min, s.max, s.at[1], s.at[2], s.at[3]
        from unnest(v_tenants, v_names, v_starts) b (tenant_id, name, starts_at)
        cross join lateral (
            select count(*) as count, sum(a.value::numeric) as sum, min(a.value::numeric) as min, max(a.value::numeric) as max,
                   percentile_disc(array[0.5, 0.95, 0.99]) within group (order by a.value::numeric) as at
            from public.analytics_metrics a
            where a.tenant_id = b.tenant_id and a.name = b.name
              and a.created_at >= b.starts_at and a.created_at < b.starts_at + ('1 ' || v_granularity)::interval) s
        -- What is left of a month that was exported does not stand for the whole.
        where s.count > 0 and not frontdesk.is_metric_month_closed(b.starts_at)
        on conflict on constraint metric_rollups_pkey do update set
            count = excluded.count, sum = excluded.sum, min = excluded.min, max = excluded.max,
            p50 = excluded.p50, p95 = excluded.p95, p99 = excluded.p99, updated_at = casebase.now();
        v_counted := v_counted + cardinality(v_tenants);
        if v_granularity = 'hour' then
            insert into frontdesk.metric_marks (tenant_id, name, granularity, starts_at)
            select distinct b.tenant_id, b.name, 'day', date_trunc('day', b.starts_at)
            from unnest(v_tenants, v_names, v_starts) b (tenant_id, name, starts_at);
        end if;
        exit when cardinality(v_tenants) = batch_limit;
    end loop;
    return jsonb_build_object('counted', v_counted, 'is_more', coalesce(cardinality(v_tenants) = batch_limit, false));
end
$$;

create or replace function public.roll_up_metrics(batch_limit int default 500) returns jsonb
    language sql
    set search_path = ''
as $$
    select frontdesk.roll_up_metrics(batch_limit)
$$;

comment on function public.roll_up_metrics(int) is
    'Count the hours and days (UTC) that are over and have metrics that were not counted, batch_limit at most, 1 to 10,000, '
    'into public.metric_rollups. Returns {counted, is_more}; nothing while another call is at it. For the service; a job '
    'calls it every two minutes. 422 invalid_input.';

revoke execute on function frontdesk.roll_up_metrics(int), public.roll_up_metrics(int)
from public, anon, authenticated, service_role;
grant execute on function frontdesk.roll_up_metrics(int), public.roll_up_metrics(int) to service_role;
