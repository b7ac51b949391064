create or replace function practice.scenario_json(scenario public.scenarios) returns jsonb
    language sql stable
    set search_path = ''
as $$
    select jsonb_build_object('scenario_id', scenario.id, 'title', scenario.title, 'emoji', scenario.emoji)
$$;

comment on function practice.scenario_json(public.scenarios) is 'How replies tell a scenario.';

revoke execute on function practice.scenario_json(public.scenarios) from public;
