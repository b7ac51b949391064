create or replace function enforcement.settings_of(tenant_id uuid) returns enforcement.settings
    language sql stable
    set search_path = ''
as $$
    select coalesce(
        (select s from enforcement.settings s where s.tenant_id = settings_of.tenant_id),
        jsonb_populate_record(null::enforcement.settings, jsonb_build_object(
            'tenant_id', settings_of.tenant_id,
            'allow_anonymous_rpc', false,
            'anonymous_calls_per_minute', 30,
            'is_call_rule_enabled', true,
            'calls_per_window', 7,
            'call_window_days', 7,
            'quiet_days_after_conversation', 7,
            'planned_calls_limit', 500,
            'time_zone', 'America/New_York')))
$$;

comment on function enforcement.settings_of(uuid) is 'What a tenant decided for itself; the defaults where it did not.';

revoke execute on function enforcement.settings_of(uuid) from public;
