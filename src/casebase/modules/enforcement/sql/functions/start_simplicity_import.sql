-- Definer: nobody has rights on the imports' tables.
-- A file is known by its content: who starts it again, at once or later, gets the run that is there and how far it is.
-- Of a run that retention ended nothing is left to go on with: it starts anew, and what it brought in is known by then.
create or replace function enforcement.start_simplicity_import(payload jsonb) returns jsonb
    language plpgsql security definer
    set search_path = ''
as $$
declare
    v_tenant_id uuid;
    v_run enforcement.import_runs;
    v_is_new boolean;
begin
    perform casebase.require_valid(payload, '{
        "type": "object",
        "required": ["file_name", "file_sha256"],
        "properties": {
            "file_name": {"type": "string", "minLength": 1, "maxLength": 200, "pattern": "^[^/\\\\[:cntrl:]]+$"},
            "file_sha256": {"type": "string", "pattern": "^[0-9a-f]{64}$"},
            "tenant_id": {"type": "string", "format": "uuid"},
            "created_by": {"type": "string", "maxLength": 120}
        }
    }');
    v_tenant_id := enforcement.acting_tenant((payload ->> 'tenant_id')::uuid);
    insert into enforcement.import_runs (tenant_id, file_name, file_sha256, created_by)
    values (v_tenant_id, enforcement.file_label(payload ->> 'file_name'), payload ->> 'file_sha256',
            enforcement.actor(payload ->> 'created_by'))
    on conflict on constraint a_file_is_one_run do nothing
    returning * into v_run;
    v_is_new := found;
    if not v_is_new then
        select * into v_run from enforcement.import_runs r
        where r.tenant_id = v_tenant_id and r.source = 'simplicity' and r.file_sha256 = payload ->> 'file_sha256'
        for no key update;
    end if;
    if v_run.status = 'expired' then
        delete from enforcement.import_rows i where i.run_id = v_run.id;
        update enforcement.import_runs r
        set status = 'loading', row_count = 0, created_count = 0, known_count = 0, rejected_count = 0,
            created_by = enforcement.actor(payload ->> 'created_by'), started_at = casebase.now(),
            finished_at = null, raw_erased_at = null
        where r.id = v_run.id
        returning * into v_run;
        v_is_new := true;
    end if;
    return enforcement.import_run_json(v_run) || jsonb_build_object('is_new', v_is_new);
end
$$;

create or replace function public.start_simplicity_import(payload jsonb) returns jsonb
    language sql
    set search_path = ''
as $$
    select enforcement.start_simplicity_import(payload)
$$;

comment on function public.start_simplicity_import(jsonb) is
    'Begin, or find again, the import of a Simplicity export: {file_name, file_sha256, tenant_id?, created_by?}; one that '
    'expired (was not done within 30 days) begins anew. Returns {import_run_id, status (loading, loaded, finished, expired), row_count (rows staged so far), '
    'created, known, rejected, …, is_new}. '
    'For the service alone; 404 tenant_not_found; 422 invalid_input.';

revoke execute on function enforcement.start_simplicity_import(jsonb), public.start_simplicity_import(jsonb)
from public, anon, authenticated, service_role;
grant execute on function enforcement.start_simplicity_import(jsonb), public.start_simplicity_import(jsonb) to service_role;
