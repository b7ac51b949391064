-- Definer: the defaults are in an unexposed schema.
create or replace function notifications.rules_of(organization_id uuid)
    returns table (scenario_type text, is_enabled boolean, threshold int[], cooldown interval, batch_size int)
    language sql stable security definer
    set search_path = ''
as $$
    select d.scenario_type, coalesce(c.enabled, true), coalesce(c.threshold, d.threshold),
           coalesce(c.cooldown, d.cooldown), coalesce(c.batch_size, d.batch_size)
    from notifications.scenario_defaults d
    left join public.scenario_evaluation_config c
        on c.organization_id = rules_of.organization_id and c.scenario_type = d.scenario_type
$$;

comment on function notifications.rules_of(uuid) is 'An organisation''s rule for each scenario: its own, else the default.';

revoke execute on function notifications.rules_of(uuid) from public;
