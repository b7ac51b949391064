-- Definer: the figures are the whole installation's, so it asks itself who may see them: the default tenant's owners and admins,
-- who run the installation. Another tenant's have no business with what the others do, nor where there is no tenant default.
-- In UTC, as the days are: a day's length and an instant's text are the session's zone's.
create or replace function casebase.read_monitoring(period text) returns jsonb
    language plpgsql stable security definer
    set search_path = ''
    set timezone = 'UTC'
as $$
declare
    v_now constant timestamptz := casebase.now();
    v_grain text;
    v_step interval;
    v_since timestamptz;
    v_sampled_at timestamptz;
    v_first_at timestamptz;
begin
    if (casebase.default_tenant() = any (casebase.member_tenants(array['owner', 'admin']))) is not true then
        perform casebase.fail(403, 'forbidden', '{}', 'It shows the whole installation: ask an owner of the tenant default.');
    end if;
    select p.grain, p.step::interval, v_now - p.length::interval into v_grain, v_step, v_since
    from (values ('1h', 'minute', '1 minute', '1 hour'), ('24h', 'hour', '1 hour', '24 hours'), ('30d', 'day', '1 day', '30 days'))
        as p (name, grain, step, length)
    where p.name = period;
    if not found then
        perform casebase.fail(422, 'invalid_input',
            '{"errors": [{"field": "period", "rule": "enum", "message": "must be 1h, 24h or 30d"}]}');
    end if;
    v_sampled_at := (select max(s.starts_at) from casebase.table_samples s where s.grain = 'minute');
    v_first_at := (select min(s.starts_at) from casebase.table_samples s where s.grain = v_grain and s.starts_at > v_since);

    return jsonb_build_object(
        'alerts', (
            select coalesce(jsonb_agg(to_jsonb(a) order by a.cleared_at desc nulls first, a.raised_at desc), '[]')
            from (
                select a.id as alert_id, a.kind, a.subject, a.value, r.threshold, a.raised_at, a.cleared_at
                from casebase.alerts a
                join casebase.alert_rules r on r.kind = a.kind
                -- All that are open, as they are counted, and of the others the latest.
                where a.cleared_at is null or a.id in (
                    select c.id from casebase.alerts c where c.cleared_at > v_since order by c.cleared_at desc limit 50)
            ) a),
        'points', (
            select jsonb_agg(jsonb_build_object(
                'starts_at', g.starts_at,
                'calls', coalesce(c.calls, 0),
                'p50', casebase.bucket_quantile(c.buckets, 0.5),
                'p95', casebase.bucket_quantile(c.buckets, 0.95),
                'p99', casebase.bucket_quantile(c.buckets, 0.99),
                'failed', coalesce(c.failed, 0)) order by g.starts_at)
            from generate_series(
                date_bin(v_step, v_since, '2001-01-01 00:00:00+00') + v_step, v_now, v_step) as g (starts_at)
            left join casebase.list_call_series(v_grain, v_step, v_since) c on c.starts_at = g.starts_at),
        'functions', (
            select coalesce(jsonb_agg(to_jsonb(f) order by f.p95 desc, f.name), '[]')
            from (
                select t.name, t.ok + t.refused + t.failed as calls, t.seconds,
                       casebase.bucket_quantile(t.buckets, 0.5) as p50,
                       casebase.bucket_quantile(t.buckets, 0.95) as p95,
                       casebase.bucket_quantile(t.buckets, 0.99) as p99,
                       t.failed::double precision / (t.ok + t.refused + t.failed) as failed
                from casebase.list_call_totals('function', v_grain, v_since) t
                order by p95 desc, t.name
                limit 10
            ) f),
        'pool', (
            select to_jsonb(p)
            from (
                select max(s.size) as size, max(s.most_lent) as most_lent, sum(s.waited) as waited, sum(s.exhausted) as exhausted
                from casebase.pool_stats s
                where s.grain = v_grain and s.starts_at > v_since
                having count(*) > 0
            ) p),
        'tables', (
            select coalesce(jsonb_agg(to_jsonb(t) order by t.bytes desc, t.name), '[]')
            from (
                select s.table_name as name, s.bytes, s.index_bytes, s.estimated_rows, s.sequential_scans, s.index_scans,
                       case when v_first_at is not null then s.estimated_rows - coalesce(f.estimated_rows, 0) end as row_growth,
                       case when v_first_at is not null then s.bytes - coalesce(f.bytes, 0) end as byte_growth,
                       casebase.bucket_quantile(c.buckets, 0.95) as p95,
                       c.failed::double precision / (c.ok + c.refused + c.failed) as failed
                from casebase.table_samples s
                -- A table that the first sample has not was made since.
                left join casebase.table_samples f
                    on f.grain = v_grain and f.starts_at = v_first_at and f.table_name = s.table_name
                left join casebase.list_call_totals('table', v_grain, v_since) c on c.name = s.table_name
                where s.grain = 'minute' and s.starts_at = v_sampled_at
                order by s.bytes desc, s.table_name
                limit 10
            ) t),
        'sampled_at', v_sampled_at,
        'unused_indexes', (
            select coalesce(jsonb_agg(to_jsonb(i) order by i.bytes desc, i.index_name), '[]')
            from (
                select u.index_name, u.table_name, u.bytes from casebase.list_unused_indexes() u
                order by u.bytes desc, u.index_name
                limit 10
            ) i),
        'used_since', (
            select pg_stat_get_db_stat_reset_time(d.oid) from pg_catalog.pg_database d where d.datname = current_database()));
end
$$;

create or replace function public.get_monitoring(period text default '1h') returns jsonb
    language sql stable
    set search_path = ''
as $$
    select casebase.read_monitoring(period)
$$;

comment on function casebase.read_monitoring(text) is 'As public.get_monitoring.';
comment on function public.get_monitoring(text) is
    'How the installation does: alerts, latency and failures over the last 1h, 24h or 30d, slowest functions, pool, largest '
    'tables, unused indexes. For owners and admins of the tenant default; 403 forbidden, 422 invalid_input.';

revoke execute on function casebase.read_monitoring(text), public.get_monitoring(text)
from public, anon, authenticated, service_role;
grant execute on function casebase.read_monitoring(text), public.get_monitoring(text) to authenticated;
