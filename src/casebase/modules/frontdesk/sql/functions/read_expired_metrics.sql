-- Definer: granted to nobody. By blocks: read in the order of the disk, and the same part however often it is read, as a
-- month that was taken out does not change. Should it have been rewritten, or lost a tenant's rows, drop_expired_metrics sees.
create or replace function frontdesk.read_expired_metrics(archive_id uuid, part int) returns jsonb
    language plpgsql stable security definer
    set search_path = ''
    set timezone = 'UTC'
    set plan_cache_mode = force_custom_plan
    set jit = off
as $$
declare
    v_month timestamptz;
    v_part jsonb;
begin
    perform casebase.require_valid(
        jsonb_build_object('part', part),
        '{"type": "object", "required": ["part"], "properties": {"part": {"type": "integer", "minimum": 0, "maximum": 1000000}}}');
    select a.month::timestamptz into v_month from frontdesk.metric_archives a
    where a.id = read_expired_metrics.archive_id and a.dropped_at is null;
    if v_month is null then
        perform casebase.fail(404, 'archive_not_found', '{"field": "archive_id"}');
    end if;
    select jsonb_build_object(
        'row_count', count(*), 'id_sum', coalesce(sum(pg_catalog.uuid_hash_extended(e.id, 0)::numeric), 0)::text,
        'lines', coalesce(string_agg(jsonb_build_object(
            'id', e.id, 'tenant_id', e.tenant_id, 'name', e.name, 'value', e.value, 'tags', e.tags,
            'created_at', e.created_at)::text || E'\n', ''), ''))
    into v_part
    from frontdesk.expired_metrics e
    where e.created_at >= v_month and e.created_at < v_month + interval '1 month'
      and e.ctid >= format('(%s,0)', part::bigint * 1000)::tid and e.ctid < format('(%s,0)', (part::bigint + 1) * 1000)::tid;
    return v_part;
end
$$;

create or replace function public.read_expired_metrics(archive_id uuid, part int) returns jsonb
    language sql stable
    set search_path = ''
as $$
    select frontdesk.read_expired_metrics(archive_id, part)
$$;

comment on function public.read_expired_metrics(uuid, int) is
    'The rows of a thousand blocks of a month that was taken out, counted from 0: {row_count, id_sum, lines (JSON, one a '
    'row)}. For the service, which exports them. 404 archive_not_found; 422 invalid_input.';

revoke execute on function frontdesk.read_expired_metrics(uuid, int), public.read_expired_metrics(uuid, int)
from public, anon, authenticated, service_role;
grant execute on function frontdesk.read_expired_metrics(uuid, int), public.read_expired_metrics(uuid, int) to service_role;
