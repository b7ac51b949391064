-- Definer: nobody has rights on the imports' tables.
-- A batch is one transaction: a process that dies leaves whole batches, and the next goes on behind them.
create or replace function enforcement.process_simplicity_imports(import_run_id uuid) returns jsonb
    language plpgsql security definer
    set search_path = ''
as $$
declare
    v_run enforcement.import_runs := enforcement.locked_import_run(import_run_id);
    v_numbers int[];
    v_number int;
    v_counts record;
    v_is_more boolean;
begin
    if v_run.status in ('finished', 'expired') then
        return enforcement.import_run_json(v_run) || '{"is_more": false}';
    end if;
    perform enforcement.lock_dockets(v_run.tenant_id);
    v_numbers := array(
        select i.row_number from enforcement.import_rows i
        where i.run_id = v_run.id and i.status = 'staged' order by i.row_number limit 1000);

    -- What simplicity_reasons does not know may still be refused, by a constraint that somebody added. Then the rows go in one
    -- by one, so that one of them cannot keep the file out.
    begin
        select * into v_counts from enforcement.add_simplicity_judgments(v_run, v_numbers);
    exception when data_exception or integrity_constraint_violation or program_limit_exceeded then
        select 0 as created, 0 as known, 0 as rejected into v_counts;
        foreach v_number in array v_numbers loop
            begin
                select v_counts.created + a.created as created, v_counts.known + a.known as known,
                       v_counts.rejected + a.rejected as rejected
                into v_counts from enforcement.add_simplicity_judgments(v_run, array[v_number]) a;
            exception when data_exception or integrity_constraint_violation or program_limit_exceeded then
                update enforcement.import_rows i set status = 'rejected', reasons = array['row: is refused by the database']
                where i.run_id = v_run.id and i.row_number = v_number;
                v_counts.rejected := v_counts.rejected + 1;
            end;
        end loop;
    end;

    v_is_more := exists (select from enforcement.import_rows i where i.run_id = v_run.id and i.status = 'staged');
    update enforcement.import_runs r
    set created_count = r.created_count + v_counts.created, known_count = r.known_count + v_counts.known,
        rejected_count = r.rejected_count + v_counts.rejected,
        status = case when r.status = 'loaded' and not v_is_more then 'finished' else r.status end,
        finished_at = case when r.status = 'loaded' and not v_is_more then casebase.now() end
    where r.id = v_run.id
    returning * into v_run;
    perform casebase.notify_live(v_run.tenant_id, 'enforcement.imports', v_run.id);
    return enforcement.import_run_json(v_run) || jsonb_build_object('is_more', v_is_more);
end
$$;

create or replace function public.process_simplicity_imports(import_run_id uuid) returns jsonb
    language sql
    set search_path = ''
as $$
    select enforcement.process_simplicity_imports(import_run_id)
$$;

comment on function public.process_simplicity_imports(uuid) is
    'Make plaintiffs, debtors, judgments and dockets of up to 1000 staged rows of a run: a docket that is there already makes '
    'the row known and changes nothing, a row that cannot be used is kept with its reasons. Returns the run as '
    'start_simplicity_import does, and is_more: call again while there is more. For the service alone; 404 import_run_not_found.';

revoke execute on function enforcement.process_simplicity_imports(uuid), public.process_simplicity_imports(uuid)
from public, anon, authenticated, service_role;
grant execute on function enforcement.process_simplicity_imports(uuid), public.process_simplicity_imports(uuid)
to service_role;
