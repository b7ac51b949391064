-- Definer: whoever may write to a case need not be able to write its version. The row is written once a transaction;
-- its lock is held until the end, so versions follow each other in the order of their commits.
create or replace function mortgage.mark_context_changed() returns trigger
    language plpgsql security definer
    set search_path = ''
as $$
declare
    v_row record := coalesce(new, old);
    v_case_id uuid;
begin
    if tg_table_name = 'scenario_cases' then
        v_case_id := v_row.id;
    else
        v_case_id := v_row.case_id;
    end if;
    insert into mortgage.context_versions as v (case_id, tenant_id, changed_by)
    values (v_case_id, v_row.tenant_id, pg_current_xact_id())
    on conflict (case_id, tenant_id) do update set changed_by = excluded.changed_by
    where v.changed_by <> excluded.changed_by;
    return null;
end
$$;

comment on function mortgage.mark_context_changed() is 'Trigger: any write to a case gives its context a new version.';

revoke execute on function mortgage.mark_context_changed() from public;
