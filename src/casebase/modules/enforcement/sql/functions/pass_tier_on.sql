-- Once a statement, in the order of ids, as whoever else touches several tasks locks them: the nightly run moves the tasks of
-- many cases. By index, for one case or for many: a session plans this once.
create or replace function enforcement.pass_tier_on() returns trigger
    language plpgsql
    set search_path = ''
    set enable_hashjoin = off
    set enable_mergejoin = off
as $$
begin
    with waiting as (
        select t.id, c.tier
        from changed c
        join public.plaintiff_tasks t on t.enforcement_case_id = c.id and t.tenant_id = c.tenant_id
        where t.status = 'open' and t.tier <> c.tier
        order by t.id for no key update of t
    )
    update public.plaintiff_tasks t set tier = w.tier from waiting w where t.id = w.id;
    return null;
end
$$;

comment on function enforcement.pass_tier_on() is 'Trigger: the open tasks of changed cases rank by their tier.';

revoke execute on function enforcement.pass_tier_on() from public;
