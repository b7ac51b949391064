-- Definer: the caller is an administrator of the tenant by then, and the policy need not be asked for every row. Planned
-- for its period and step, so that only their partitions are looked at.
create or replace function frontdesk.query_metrics(payload jsonb) returns jsonb
    language plpgsql stable security definer
    set search_path = ''
    set plan_cache_mode = force_custom_plan
    set jit = off
    set timezone = 'UTC'
as $$
declare
    v_tenant uuid;
    v_name constant text := lower(btrim(payload ->> 'name') collate "C");
    v_tags jsonb;
    v_has_percentiles boolean;
    v_from timestamptz;
    v_until timestamptz;
    v_step text;
    v_is_raw boolean;
    v_points jsonb;
    v_total jsonb;
begin
    perform casebase.require_valid(payload, '{
        "type": "object",
        "required": ["name", "from"],
        "properties": {
            "tenant_id": {"type": "string", "format": "uuid"},
            "name": {"type": "string", "minLength": 1, "maxLength": 100},
            "from": {"type": "string", "format": "date-time"},
            "until": {"type": "string", "format": "date-time"},
            "step": {"type": "string", "enum": ["auto", "minute", "hour", "day"]},
            "tags": {"type": "object", "maxBytes": 1000},
            "percentiles": {"type": "boolean"}
        }
    }');
    v_tenant := frontdesk.administered_tenant((payload ->> 'tenant_id')::uuid);
    v_tags := coalesce(nullif(payload -> 'tags', 'null'), '{}');
    v_has_percentiles := coalesce((payload ->> 'percentiles')::boolean, true);
    v_from := (payload ->> 'from')::timestamptz;
    v_until := coalesce((payload ->> 'until')::timestamptz, casebase.now());
    if v_until <= v_from then
        perform casebase.fail(422, 'invalid_input', jsonb_build_object('errors', jsonb_build_array(
            casebase.validation_error('until', 'range', 'must be after from'))));
    end if;
    v_step := coalesce(nullif(payload ->> 'step', 'auto'), (case
        when v_until - v_from <= interval '6 hours' then 'minute'
        when v_until - v_from <= interval '60 days' then 'hour'
        else 'day' end));
    if v_until - v_from > (case v_step
            when 'minute' then interval '36 hours' when 'hour' then interval '90 days' else interval '3660 days' end) then
        perform casebase.fail(422, 'invalid_input', jsonb_build_object('errors', jsonb_build_array(
            casebase.validation_error('step', 'range',
                'gives too many points: at most 36 hours by the minute, 90 days by the hour, ten years by the day'))));
    end if;
    -- Whole steps: a count of a part would pass for that of the whole.
    v_from := date_trunc(v_step, v_from);
    v_until := date_trunc(v_step, v_until + ('1 ' || v_step)::interval - interval '1 microsecond');
    v_is_raw := v_step = 'minute' or v_tags <> '{}';

    with spans as (
        select v_from as starts_at, v_until as ends_at where v_is_raw
        union all
        select distinct date_trunc(v_step, m.starts_at), date_trunc(v_step, m.starts_at) + ('1 ' || v_step)::interval
        from frontdesk.metric_marks m
        where not v_is_raw and m.tenant_id = v_tenant and m.name = v_name and m.granularity in ('hour', v_step)
          and m.starts_at >= v_from and m.starts_at < v_until and not frontdesk.is_metric_month_closed(m.starts_at)
    ),
    points as (
        select date_trunc(v_step, a.created_at) as starts_at, count(*) as count, sum(a.value::numeric) as sum,
               min(a.value::numeric) as min, max(a.value::numeric) as max,
               (case when v_has_percentiles
                     then percentile_disc(array[0.5, 0.95, 0.99]) within group (order by a.value::numeric) end) as at,
               true as is_raw
        from spans s
        join public.analytics_metrics a
            on a.tenant_id = v_tenant and a.name = v_name
            and a.created_at >= v_from and a.created_at < v_until
            and a.created_at >= s.starts_at and a.created_at < s.ends_at
        -- Not the operator, which the planner answers by the tags' index: that reads all tenants' metrics of a month that
        -- have such a tag, where these have a period of one metric to look at.
        where v_tags = '{}' or jsonb_contains(a.tags, v_tags)
        group by 1
        union all
        select r.starts_at, r.count, r.sum, r.min, r.max, array[r.p50, r.p95, r.p99], false
        from public.metric_rollups r
        where not v_is_raw and r.tenant_id = v_tenant and r.name = v_name and r.granularity = v_step
          and r.starts_at >= v_from and r.starts_at < v_until
          and not exists (select from spans s where s.starts_at = r.starts_at)
    )
    -- One object a point: what is joined of two is copied twice, and weeks by the hour take little else.
    select coalesce(jsonb_agg(
               (case when v_has_percentiles then j.point else j.point - array['p50', 'p95', 'p99'] end) order by p.starts_at), '[]'),
           jsonb_build_object(
               'count', coalesce(sum(p.count), 0), 'sum', coalesce(sum(p.sum), 0), 'avg', trim_scale(sum(p.sum) / sum(p.count)),
               'min', min(p.min), 'max', max(p.max))
    into v_points, v_total
    from points p
    cross join lateral (
        select jsonb_build_object(
            'starts_at', p.starts_at, 'count', p.count, 'sum', p.sum, 'avg', trim_scale(p.sum / p.count),
            'min', p.min, 'max', p.max, 'p50', p.at[1], 'p95', p.at[2], 'p99', p.at[3], 'is_raw', p.is_raw) as point) j;
    return jsonb_build_object(
        'tenant_id', v_tenant, 'name', v_name, 'from', v_from, 'until', v_until, 'step', v_step,
        'points', v_points, 'total', v_total,
        'raw_since', (select (max(a.month) + interval '1 month')::timestamptz from frontdesk.metric_archives a));
end
$$;

create or replace function public.query_metrics(payload jsonb) returns jsonb
    language sql stable
    set search_path = ''
as $$
    select frontdesk.query_metrics(payload)
$$;

comment on function public.query_metrics(jsonb) is
    'A metric over time: {tenant_id?, name, from, until? (now), step? (minute, hour, day; auto by the period), tags? (those '
    'that a reading must have), percentiles? (true)}. Returns {tenant_id, name, from, until (whole steps, in UTC), step, points: '
    '[{starts_at, count, sum, avg, min, max, p50, p95, p99, is_raw}], total: {count, sum, avg, min, max}, raw_since}. Steps '
    'without readings are left out; percentiles are readings (nearest rank). Hours and days come from the roll-ups, those '
    'that are not counted yet and everything by minute or tags from the metrics (is_raw), which are kept from raw_since on '
    '(null: all). For administrators and the service. 403 administrator_required; 404 tenant_not_found; 422 invalid_input.';

revoke execute on function frontdesk.query_metrics(jsonb), public.query_metrics(jsonb) from public, anon, authenticated, service_role;
grant execute on function frontdesk.query_metrics(jsonb), public.query_metrics(jsonb) to authenticated, service_role;
