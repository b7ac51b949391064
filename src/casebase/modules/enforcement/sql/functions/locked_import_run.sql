create or replace function enforcement.locked_import_run(import_run_id uuid) returns enforcement.import_runs
    language plpgsql
    set search_path = ''
as $$
declare
    v_run enforcement.import_runs;
begin
    select r.* into v_run from enforcement.import_runs r where r.id = import_run_id for no key update;
    if not found then
        perform casebase.fail(404, 'import_run_not_found', '{"field": "import_run_id"}');
    end if;
    return v_run;
end
$$;

comment on function enforcement.locked_import_run(uuid) is
    'An import run, locked: its rows and counts are written by one at a time; 404 import_run_not_found.';

revoke execute on function enforcement.locked_import_run(uuid) from public;
