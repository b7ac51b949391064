-- Definer: the defaults are in an unexposed schema.
create or replace function notifications.scenario_config_json(organization_id uuid) returns jsonb
    language sql stable security definer
    set search_path = ''
as $$
    select jsonb_build_object(
        'organization_id', organization_id,
        'scenarios', (
            select jsonb_agg(jsonb_build_object(
                'scenario_type', d.scenario_type,
                'enabled', coalesce(c.enabled, true),
                'threshold', coalesce(c.threshold, d.threshold),
                'cooldown_hours', trim_scale(extract(epoch from coalesce(c.cooldown, d.cooldown)) / 3600),
                'batch_size', coalesce(c.batch_size, d.batch_size),
                'is_default', (coalesce(c.threshold, d.threshold), coalesce(c.cooldown, d.cooldown), coalesce(c.enabled, true))
                    = (d.threshold, d.cooldown, true),
                'last_run_at', c.last_run_at,
                'last_evaluated_count', c.last_evaluated_count) order by d.scenario_type)
            from notifications.scenario_defaults d
            left join public.scenario_evaluation_config c
                on c.organization_id = scenario_config_json.organization_id and c.scenario_type = d.scenario_type))
$$;

comment on function notifications.scenario_config_json(uuid) is 'An organisation''s rules, as get_scenario_config returns them.';

revoke execute on function notifications.scenario_config_json(uuid) from public;
