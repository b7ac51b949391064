-- Definer: the defaults are in an unexposed schema.
create or replace function notifications.get_scenario_config(organization_id uuid) returns jsonb
    language sql stable security definer
    set search_path = ''
as $$
    select notifications.scenario_config_json(notifications.administered_organization(organization_id))
$$;

create or replace function public.get_scenario_config(organization_id uuid default null) returns jsonb
    language sql stable
    set search_path = ''
as $$
    select notifications.get_scenario_config(organization_id)
$$;

comment on function public.get_scenario_config(uuid) is
    'An organisation''s rules: {organization_id, scenarios: [{scenario_type, enabled, threshold, cooldown_hours, batch_size, '
    'is_default, last_run_at, last_evaluated_count}]}. For administrators of the organisation, and the service. 403 '
    'administrator_required; 404 organization_not_found; 422 invalid_input.';

revoke execute on function notifications.get_scenario_config(uuid), public.get_scenario_config(uuid)
from public, anon, authenticated, service_role;
grant execute on function notifications.get_scenario_config(uuid), public.get_scenario_config(uuid)
to authenticated, service_role;
