-- Definer: nobody has rights on the imports' tables.
create or replace function enforcement.list_import_runs(tenant_id uuid, cursor text, page_size int) returns jsonb
    language plpgsql stable security definer
    set search_path = ''
as $$
#variable_conflict use_variable
declare
    v_tenant_id uuid := enforcement.acting_tenant(tenant_id);
    v_after text[];
    v_items jsonb;
    v_last jsonb;
begin
    perform casebase.require_valid(jsonb_build_object('cursor', cursor, 'page_size', page_size), '{
        "type": "object",
        "required": ["page_size"],
        "properties": {
            "cursor": {"type": "string", "maxLength": 200, "pattern": "^([0-9a-f]{2})+$", "description": "must be a next_cursor"},
            "page_size": {"type": "integer", "minimum": 1, "maximum": 200}
        }
    }');
    v_after := enforcement.read_cursor(cursor, array['timestamptz', 'uuid']);
    -- One row more than asked for tells whether there is a next page.
    select coalesce(jsonb_agg(enforcement.import_run_json(r) order by r.started_at desc, r.id desc), '[]') into v_items
    from (
        select r.* from enforcement.import_runs r
        where r.tenant_id = v_tenant_id
          and (v_after is null or (r.started_at, r.id) < (v_after[1]::timestamptz, v_after[2]::uuid))
        order by r.started_at desc, r.id desc
        limit page_size + 1
    ) r;
    if jsonb_array_length(v_items) > page_size then
        v_items := v_items - page_size;
        v_last := v_items -> -1;
    end if;
    return jsonb_build_object(
        'items', v_items,
        'next_cursor', encode(convert_to((v_last ->> 'started_at') || '|' || (v_last ->> 'import_run_id'), 'UTF8'), 'hex'));
end
$$;

create or replace function public.list_import_runs(
    tenant_id uuid default null, cursor text default null, page_size int default 50
) returns jsonb
    language sql stable
    set search_path = ''
as $$
    select enforcement.list_import_runs(tenant_id, cursor, page_size)
$$;

comment on function public.list_import_runs(uuid, text, int) is
    'A page of a tenant''s import runs, latest first: {items: [{import_run_id, source, file_name, status, row_count, created, '
    'known, rejected, created_by, started_at, finished_at}], next_cursor}. 403 operator_required; 404 tenant_not_found; '
    '422 invalid_input.';

revoke execute on function
    enforcement.list_import_runs(uuid, text, int), public.list_import_runs(uuid, text, int)
from public, anon, authenticated, service_role;
grant execute on function
    enforcement.list_import_runs(uuid, text, int), public.list_import_runs(uuid, text, int)
to authenticated, service_role;
