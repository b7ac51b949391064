create or replace function enforcement.count_cases() returns trigger
    language plpgsql
    set search_path = ''
as $$
begin
    if tg_op <> 'INSERT' and old.closed_at is null then
        insert into enforcement.case_counts (tenant_id, tier, current_stage, case_count, current_balance, stage_entered)
        values (old.tenant_id, old.tier, old.current_stage, -1, -old.current_balance, -extract(epoch from old.stage_entered_at));
    end if;
    if tg_op <> 'DELETE' and new.closed_at is null then
        insert into enforcement.case_counts (tenant_id, tier, current_stage, case_count, current_balance, stage_entered)
        values (new.tenant_id, new.tier, new.current_stage, 1, new.current_balance, extract(epoch from new.stage_entered_at));
    end if;
    return null;
end
$$;

comment on function enforcement.count_cases() is 'Trigger: write down what a case takes from and adds to the counts of its tier and stage.';

revoke execute on function enforcement.count_cases() from public;
