create or replace function notifications.require_scenario_type(scenario_type text) returns void
    language plpgsql stable
    set search_path = ''
as $$
begin
    perform casebase.require_valid(
        jsonb_build_object('scenario_type', scenario_type),
        '{"type": "object", "required": ["scenario_type"], "properties": {
            "scenario_type": {"type": "string", "enum": ["inactivity", "milestone", "certification_expiry", "welcome_back"]}}}');
end
$$;

comment on function notifications.require_scenario_type(text) is 'Refuse what is no scenario: 422 invalid_input.';

revoke execute on function notifications.require_scenario_type(text) from public;
grant execute on function notifications.require_scenario_type(text) to service_role;
