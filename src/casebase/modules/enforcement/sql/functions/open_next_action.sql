-- requires: functions/put_action.sql
-- What people ended or called off is not opened again: an action of a type that the case ever had is passed over.
create or replace function enforcement.open_next_action(case_row public.enforcement_cases) returns uuid
    language plpgsql
    set search_path = ''
as $$
declare
    v_action_type text;
begin
    if case_row.closed_at is not null or case_row.current_balance = 0 then
        return null;
    end if;
    select p.action_type into v_action_type
    from enforcement.playbook p
    join public.enforcement_stage_lookup f on f.stage = p.from_stage
    join public.enforcement_stage_lookup s on s.stage = case_row.current_stage
    where p.tier = case_row.tier and f.ordinal <= s.ordinal and not exists (
        select from public.enforcement_actions a
        where a.enforcement_case_id = case_row.id and a.tenant_id = case_row.tenant_id and a.action_type = p.action_type)
    order by p.position
    limit 1;
    if not found then
        return null;
    end if;
    return (enforcement.put_action(case_row, v_action_type, 'queued', 'playbook of ' || case_row.tier, '{}', 'playbook', 'automation')).id;
end
$$;

comment on function enforcement.open_next_action(public.enforcement_cases) is
    'Open the first action of the tier''s playbook that the stage has reached and the case has not had, and return its id; '
    'null when there is none. The caller holds the case''s lock.';

revoke execute on function enforcement.open_next_action(public.enforcement_cases) from public;
