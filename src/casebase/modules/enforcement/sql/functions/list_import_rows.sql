-- Definer: nobody has rights on the imports' tables. A rejected row's values stay here: who mends it has the file.
create or replace function enforcement.list_import_rows(import_run_id uuid, status text, cursor int, page_size int) returns jsonb
    language plpgsql stable security definer
    set search_path = ''
as $$
#variable_conflict use_variable
declare
    v_run enforcement.import_runs;
    v_items jsonb;
    v_last int;
begin
    perform casebase.require_valid(
        jsonb_build_object('import_run_id', import_run_id, 'status', status, 'cursor', cursor, 'page_size', page_size), '{
        "type": "object",
        "required": ["import_run_id", "page_size"],
        "properties": {
            "import_run_id": {"type": "string"},
            "status": {"type": "string", "enum": ["staged", "created", "known", "rejected"]},
            "cursor": {"type": "integer", "minimum": 0},
            "page_size": {"type": "integer", "minimum": 1, "maximum": 200}
        }
    }');
    perform enforcement.require_operator(
        (select r.tenant_id from enforcement.import_runs r where r.id = import_run_id), 'import_run_not_found', 'import_run_id');
    select r.* into v_run from enforcement.import_runs r where r.id = import_run_id;
    if not found then
        perform casebase.fail(404, 'import_run_not_found', '{"field": "import_run_id"}');
    end if;
    select coalesce(jsonb_agg(jsonb_build_object(
        'row_number', i.row_number,
        'status', i.status,
        'reasons', i.reasons,
        'judgment_id', i.judgment_id) order by i.row_number), '[]')
    into v_items
    from (
        select i.* from enforcement.import_rows i
        where i.run_id = import_run_id and i.row_number > coalesce(cursor, 0) and i.status = coalesce(status, i.status)
        order by i.row_number
        limit page_size + 1
    ) i;
    if jsonb_array_length(v_items) > page_size then
        v_items := v_items - page_size;
        v_last := (v_items -> -1 ->> 'row_number')::int;
    end if;
    return jsonb_build_object('run', enforcement.import_run_json(v_run), 'items', v_items, 'next_cursor', v_last);
end
$$;

create or replace function public.list_import_rows(
    import_run_id uuid, status text default null, cursor int default null, page_size int default 50
) returns jsonb
    language sql stable
    set search_path = ''
as $$
    select enforcement.list_import_rows(import_run_id, status, cursor, page_size)
$$;

comment on function public.list_import_rows(uuid, text, int, int) is
    'A page of a run''s rows by number: {run, items: [{row_number, status, reasons, judgment_id}], next_cursor (a row number)}; '
    'status staged, created, known or rejected. Reasons name fields and rules, never what the row says. 403 '
    'operator_required; 404 import_run_not_found; 422 invalid_input.';

revoke execute on function
    enforcement.list_import_rows(uuid, text, int, int), public.list_import_rows(uuid, text, int, int)
from public, anon, authenticated, service_role;
grant execute on function
    enforcement.list_import_rows(uuid, text, int, int), public.list_import_rows(uuid, text, int, int)
to authenticated, service_role;
