-- Docket before case, as everybody locks them who needs both.
create or replace function enforcement.pass_rank_on() returns trigger
    language plpgsql
    set search_path = ''
as $$
begin
    update public.enforcement_cases e
    set collectability_tier = new.collectability_tier, priority_level = new.priority_level,
        judgment_amount = new.judgment_amount, county = new.county, state = new.state
    where e.judgment_id = new.judgment_id and e.tenant_id = new.tenant_id;
    return null;
end
$$;

comment on function enforcement.pass_rank_on() is 'Trigger: the cases of a docket follow its tier, priority, amount and place.';

revoke execute on function enforcement.pass_rank_on() from public;
