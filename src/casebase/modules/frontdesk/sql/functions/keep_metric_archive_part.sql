-- Definer: archives are granted to nobody.
create or replace function frontdesk.keep_metric_archive_part(payload jsonb) returns jsonb
    language plpgsql security definer
    set search_path = ''
as $$
declare
    v_archive_id uuid;
begin
    perform casebase.require_valid(payload, '{
        "type": "object",
        "required": ["archive_id", "part", "path", "sha256", "row_count", "id_sum", "size_bytes"],
        "properties": {
            "archive_id": {"type": "string", "format": "uuid"},
            "part": {"type": "integer", "minimum": 0, "maximum": 1000000},
            "path": {"type": "string", "minLength": 1, "maxLength": 300},
            "sha256": {"type": "string", "pattern": "^[0-9a-f]{64}$"},
            "row_count": {"type": "integer", "minimum": 0},
            "id_sum": {"type": "string", "pattern": "^-?\\d{1,40}$"},
            "size_bytes": {"type": "integer", "minimum": 0}
        }
    }');
    select a.id into v_archive_id from frontdesk.metric_archives a
    where a.id = (payload ->> 'archive_id')::uuid and a.dropped_at is null
    for key share;
    if v_archive_id is null then
        perform casebase.fail(404, 'archive_not_found', '{"field": "archive_id"}');
    end if;
    insert into frontdesk.metric_archive_parts (archive_id, part, path, sha256, row_count, id_sum, size_bytes)
    values (
        v_archive_id, (payload ->> 'part')::numeric::int, payload ->> 'path', payload ->> 'sha256',
        (payload ->> 'row_count')::numeric::bigint, (payload ->> 'id_sum')::numeric,
        (payload ->> 'size_bytes')::numeric::bigint)
    on conflict on constraint metric_archive_parts_pkey do nothing;
    return jsonb_build_object('is_kept', found);
end
$$;

create or replace function public.keep_metric_archive_part(payload jsonb) returns jsonb
    language sql
    set search_path = ''
as $$
    select frontdesk.keep_metric_archive_part(payload)
$$;

comment on function public.keep_metric_archive_part(jsonb) is
    'Note a part of a month that is in the file store: {archive_id, part, path, sha256, row_count, id_sum, size_bytes}. '
    'Returns {is_kept}: false where the part was noted before, and the file is one too many. For the service. 404 '
    'archive_not_found; 422 invalid_input.';

revoke execute on function frontdesk.keep_metric_archive_part(jsonb), public.keep_metric_archive_part(jsonb)
from public, anon, authenticated, service_role;
grant execute on function frontdesk.keep_metric_archive_part(jsonb), public.keep_metric_archive_part(jsonb) to service_role;
