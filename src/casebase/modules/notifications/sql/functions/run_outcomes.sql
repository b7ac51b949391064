create or replace function notifications.run_outcomes(run_id uuid) returns jsonb
    language sql stable
    set search_path = ''
as $$
    select coalesce(jsonb_object_agg(o.scenario_type, o.outcomes), '{}')
    from (
        select c.scenario_type, jsonb_object_agg(c.outcome, c.count) as outcomes
        from notifications.run_counts c
        where c.run_id = run_outcomes.run_id
        group by c.scenario_type
    ) o
$$;

comment on function notifications.run_outcomes(uuid) is 'What a run counted: {type: {outcome: count}}.';

revoke execute on function notifications.run_outcomes(uuid) from public;
