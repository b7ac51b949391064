-- Definer: nobody has rights on the imports' tables.
-- The rows' own shape is checked by simplicity_reasons when they are processed; here only what the table needs, at once
-- for all of them: a schema walked row by row would take longer than all the rest of an import.
create or replace function enforcement.add_simplicity_rows(payload jsonb) returns jsonb
    language plpgsql security definer
    set search_path = ''
as $$
declare
    v_run enforcement.import_runs;
    v_added int;
    v_rejected int;
begin
    perform casebase.require_valid(payload - 'rows', '{
        "type": "object",
        "required": ["import_run_id"],
        "properties": {
            "import_run_id": {"type": "string", "format": "uuid"},
            "is_last": {"type": "boolean"}
        }
    }');
    if jsonb_typeof(payload -> 'rows') is distinct from 'array' or jsonb_array_length(payload -> 'rows') > 5000 or exists (
        select from jsonb_array_elements(payload -> 'rows') e
        where jsonb_typeof(e) <> 'object'
           or not coalesce(e ->> 'row_number' ~ '^[1-9][0-9]{0,8}$', false)
           or coalesce(jsonb_typeof(e -> 'raw'), '') <> 'object'
           or pg_column_size(e -> 'raw') > 20000
           or jsonb_typeof(coalesce(e -> 'reasons', '[]')) <> 'array'
    ) then
        perform casebase.fail(422, 'invalid_input', jsonb_build_object('errors', jsonb_build_array(
            casebase.validation_error('rows', 'items', 'must be at most 5000 of {row_number, raw, reasons}'))));
    end if;

    v_run := enforcement.locked_import_run((payload ->> 'import_run_id')::uuid);
    if v_run.status = 'expired' then
        perform casebase.fail(409, 'import_expired', '{"field": "import_run_id"}', 'Start the import of the file again.');
    end if;
    if v_run.status <> 'loading' then
        perform casebase.fail(409, 'import_already_loaded', '{"field": "import_run_id"}',
            'All rows of this file are in; process them.');
    end if;
    with written as (
        insert into enforcement.import_rows (run_id, tenant_id, row_number, raw, status, reasons)
        select v_run.id, v_run.tenant_id, r.row_number, r.raw,
               case when cardinality(r.reasons) > 0 then 'rejected' else 'staged' end, coalesce(r.reasons, '{}')
        from jsonb_to_recordset(payload -> 'rows') as r (row_number int, raw jsonb, reasons text[])
        on conflict do nothing
        returning status
    )
    select count(*), count(*) filter (where w.status = 'rejected') into v_added, v_rejected from written w;
    update enforcement.import_runs r
    set row_count = r.row_count + v_added, rejected_count = r.rejected_count + v_rejected,
        status = case when (payload ->> 'is_last')::boolean then 'loaded' else r.status end
    where r.id = v_run.id
    returning * into v_run;
    return enforcement.import_run_json(v_run);
end
$$;

create or replace function public.add_simplicity_rows(payload jsonb) returns jsonb
    language sql
    set search_path = ''
as $$
    select enforcement.add_simplicity_rows(payload)
$$;

comment on function public.add_simplicity_rows(jsonb) is
    'Stage rows of an export: {import_run_id, rows: [{row_number, raw, reasons}], is_last?}, at most 5000 a call. raw holds the '
    'row''s fields by name, reasons why it cannot be used; such a row is kept with them. A row number that is there already '
    'is left as it is. is_last says that the file has no more. Returns the run as start_simplicity_import does. For the '
    'service alone; 404 import_run_not_found; 409 import_already_loaded, import_expired; 422 invalid_input.';

revoke execute on function enforcement.add_simplicity_rows(jsonb), public.add_simplicity_rows(jsonb)
from public, anon, authenticated, service_role;
grant execute on function enforcement.add_simplicity_rows(jsonb), public.add_simplicity_rows(jsonb) to service_role;
