-- Once a statement: an import opens many cases in one.
create or replace function enforcement.mark_opened() returns trigger
    language plpgsql
    set search_path = ''
as $$
begin
    update judgments.cases d set is_opened = true
    from opened o
    where d.judgment_id = o.judgment_id and d.tenant_id = o.tenant_id and not d.is_opened;
    return null;
end
$$;

comment on function enforcement.mark_opened() is 'Trigger: the dockets of new cases are opened.';

revoke execute on function enforcement.mark_opened() from public;
