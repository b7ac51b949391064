-- In the order of ids, as whoever else touches several tasks of a plaintiff does.
create or replace function enforcement.pass_tier_on() returns trigger
    language plpgsql
    set search_path = ''
as $$
begin
    with waiting as (
        select t.id from public.plaintiff_tasks t
        where t.enforcement_case_id = new.id and t.tenant_id = new.tenant_id and t.status = 'open'
        order by t.id for no key update
    )
    update public.plaintiff_tasks t set tier = new.tier from waiting w where t.id = w.id;
    return null;
end
$$;

comment on function enforcement.pass_tier_on() is 'Trigger: a case''s open tasks rank by its tier.';

revoke execute on function enforcement.pass_tier_on() from public;
