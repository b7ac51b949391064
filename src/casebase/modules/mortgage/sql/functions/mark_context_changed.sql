-- The triggers are definers: whoever may write to a case need not be able to write its version. The row is written once
-- a transaction; its lock is held until the end, so versions follow each other in the order of their commits.
create or replace function mortgage.set_context_version(case_id uuid, tenant_id uuid) returns void
    language sql
    set search_path = ''
as $$
    insert into mortgage.context_versions as v (case_id, tenant_id, changed_by)
    values (set_context_version.case_id, set_context_version.tenant_id, pg_current_xact_id())
    on conflict (case_id, tenant_id) do update set changed_by = excluded.changed_by
    where v.changed_by <> excluded.changed_by
$$;

comment on function mortgage.set_context_version(uuid, uuid) is
    'Note that this transaction wrote to the case: its context has a new version once that is committed.';

create or replace function mortgage.mark_context_changed() returns trigger
    language plpgsql security definer
    set search_path = ''
as $$
declare
    v_row record := coalesce(new, old);
begin
    perform mortgage.set_context_version(v_row.case_id, v_row.tenant_id);
    return null;
end
$$;

comment on function mortgage.mark_context_changed() is 'Trigger: a write to what belongs to a case gives its context a new version.';

create or replace function mortgage.mark_case_changed() returns trigger
    language plpgsql security definer
    set search_path = ''
as $$
begin
    perform mortgage.set_context_version(new.id, new.tenant_id);
    return null;
end
$$;

comment on function mortgage.mark_case_changed() is 'Trigger: a write to a case itself gives its context a new version.';

revoke execute on function mortgage.set_context_version(uuid, uuid), mortgage.mark_context_changed(), mortgage.mark_case_changed()
from public, anon, authenticated, service_role;
