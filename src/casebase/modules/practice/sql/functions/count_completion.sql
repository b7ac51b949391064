-- Definer: people may complete a session and not write their own counts.
create or replace function practice.count_completion() returns trigger
    language plpgsql security definer
    set search_path = ''
as $$
begin
    if tg_op = 'UPDATE' and old.is_completed then
        return null;
    end if;
    perform practice.reset_week(new.user_id);
    update public.profiles p
    set completed_scenario_count = p.completed_scenario_count + 1,
        current_week_completion_count = p.current_week_completion_count + 1
    where p.id = new.user_id;
    return null;
end
$$;

comment on function practice.count_completion() is 'Trigger: a completion counts, in the week it happens in.';

revoke execute on function practice.count_completion() from public;
