-- Locked: scores that come meanwhile wait, and then find the case. Docket before case, as everybody locks them who needs both.
create or replace function enforcement.take_rank() returns trigger
    language plpgsql
    set search_path = ''
as $$
declare
    v_docket judgments.cases;
begin
    select * into v_docket from judgments.cases d
    where d.judgment_id = new.judgment_id and d.tenant_id = new.tenant_id for no key update;
    if found then
        new.collectability_tier := v_docket.collectability_tier;
        new.priority_level := v_docket.priority_level;
        new.judgment_amount := v_docket.judgment_amount;
        new.county := v_docket.county;
        new.state := v_docket.state;
    end if;
    return new;
end
$$;

comment on function enforcement.take_rank() is 'Trigger: a new case has its docket''s tier, priority, amount and place.';

revoke execute on function enforcement.take_rank() from public;
