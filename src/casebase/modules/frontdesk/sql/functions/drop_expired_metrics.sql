-- Definer: partitions belong to the owner. Dropped is what was exported, row by row: the count and the sum of the hashes of
-- the ids are compared under the lock that the dropping takes.
create or replace function frontdesk.drop_expired_metrics(archive_id uuid) returns jsonb
    language plpgsql security definer
    set search_path = ''
    set timezone = 'UTC'
    set lock_timeout = '5s'
as $$
declare
    v_month date;
    v_name text;
    v_live record;
    v_kept record;
begin
    perform frontdesk.lock_metric_months();
    select a.month into v_month from frontdesk.metric_archives a
    where a.id = drop_expired_metrics.archive_id and a.dropped_at is null
    for update;
    if v_month is null then
        perform casebase.fail(404, 'archive_not_found', '{"field": "archive_id"}');
    end if;
    v_name := 'expired_metrics_' || to_char(v_month, 'YYYY_MM');
    lock table frontdesk.expired_metrics in access exclusive mode;
    select count(*) as row_count, coalesce(sum(pg_catalog.uuid_hash_extended(e.id, 0)::numeric), 0) as id_sum
    into strict v_live
    from frontdesk.expired_metrics e where e.created_at >= v_month and e.created_at < v_month + interval '1 month';
    select coalesce(sum(p.row_count), 0)::bigint as row_count, coalesce(sum(p.id_sum), 0) as id_sum
    into strict v_kept
    from frontdesk.metric_archive_parts p where p.archive_id = drop_expired_metrics.archive_id;
    if v_live is distinct from v_kept then
        -- Rewritten, or rows went with their tenant, since parts were exported: what they hold is not what is there.
        delete from frontdesk.metric_archive_parts p where p.archive_id = drop_expired_metrics.archive_id;
        return jsonb_build_object('is_dropped', false, 'row_count', v_live.row_count);
    end if;
    execute format('drop table frontdesk.%I', v_name);
    update frontdesk.metric_archives a set dropped_at = casebase.now(), row_count = v_live.row_count
    where a.id = drop_expired_metrics.archive_id;
    return jsonb_build_object('is_dropped', true, 'row_count', v_live.row_count);
end
$$;

create or replace function public.drop_expired_metrics(archive_id uuid) returns jsonb
    language sql
    set search_path = ''
as $$
    select frontdesk.drop_expired_metrics(archive_id)
$$;

comment on function public.drop_expired_metrics(uuid) is
    'Drop a month that was taken out and exported, after comparing its rows with the parts that were noted. Returns '
    '{is_dropped, row_count}; where they are not the same, the parts are forgotten and the export begins anew. For the '
    'service. 404 archive_not_found.';

revoke execute on function frontdesk.drop_expired_metrics(uuid), public.drop_expired_metrics(uuid)
from public, anon, authenticated, service_role;
grant execute on function frontdesk.drop_expired_metrics(uuid), public.drop_expired_metrics(uuid) to service_role;
