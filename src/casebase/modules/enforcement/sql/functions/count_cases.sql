-- Once a statement: the nightly run changes many cases in one. Cases are not deleted: their history
-- refuses it.
create or replace function enforcement.count_opened_cases() returns trigger
    language plpgsql
    set search_path = ''
as $$
begin
    insert into enforcement.case_counts (tenant_id, tier, current_stage, case_count, current_balance, stage_entered)
    select c.tenant_id, c.tier, c.current_stage, count(*), sum(c.current_balance::numeric), sum(extract(epoch from c.stage_entered_at))
    from opened c
    where c.closed_at is null
    group by c.tenant_id, c.tier, c.current_stage;
    return null;
end
$$;

comment on function enforcement.count_opened_cases() is 'Trigger: new cases add to the counts of their tier and stage.';

create or replace function enforcement.count_changed_cases() returns trigger
    language plpgsql
    set search_path = ''
as $$
begin
    insert into enforcement.case_counts (tenant_id, tier, current_stage, case_count, current_balance, stage_entered)
    select c.tenant_id, c.tier, c.current_stage, sum(c.sign), sum(c.sign * c.current_balance::numeric),
           sum(c.sign * extract(epoch from c.stage_entered_at))
    from (
        select -1 as sign, o.* from before o where o.closed_at is null
        union all
        select 1, n.* from after n where n.closed_at is null
    ) c
    group by c.tenant_id, c.tier, c.current_stage
    -- Most updates change nothing that is counted.
    having sum(c.sign) <> 0 or sum(c.sign * c.current_balance::numeric) <> 0
        or sum(c.sign * extract(epoch from c.stage_entered_at)) <> 0;
    return null;
end
$$;

comment on function enforcement.count_changed_cases() is
    'Trigger: changed cases leave the counts of their old tier and stage for those of the new.';

revoke execute on function enforcement.count_opened_cases(), enforcement.count_changed_cases() from public;
