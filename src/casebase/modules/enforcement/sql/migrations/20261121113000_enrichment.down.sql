do $$
declare
    v_function regprocedure;
begin
    for v_function in
        select p.oid from pg_catalog.pg_proc p
        where p.pronamespace = 'enforcement'::regnamespace
          and 'enforcement.simplicity_row'::regtype in (select p.prorettype union all select unnest(p.proargtypes::oid[]))
    loop
        execute format('drop function %s', v_function);
    end loop;
end
$$;
drop type enforcement.simplicity_row;
drop index enforcement.import_runs_started_at_idx;
alter table enforcement.import_runs
    drop column created_count, drop column known_count, drop column rejected_count, drop column raw_erased_at;
alter table judgments.cases drop column adverse_signals;
