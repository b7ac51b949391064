create or replace function enforcement.take_tier() returns trigger
    language plpgsql
    set search_path = ''
as $$
begin
    new.tier := coalesce((
        select c.tier from public.enforcement_cases c
        where c.id = new.enforcement_case_id and c.tenant_id = new.tenant_id), 'tier0');
    return new;
end
$$;

comment on function enforcement.take_tier() is 'Trigger: a new task has the tier of its case.';

revoke execute on function enforcement.take_tier() from public;
