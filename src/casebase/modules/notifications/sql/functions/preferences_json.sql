-- Definer: the settings are in an unexposed schema.
create or replace function notifications.preferences_json(user_id uuid) returns jsonb
    language sql stable security definer
    set search_path = ''
as $$
    select jsonb_build_object(
        'timezone', coalesce(max(w.timezone), max(s.timezone)),
        'language', coalesce(max(w.language), max(s.language)),
        'preferences', jsonb_agg(
            jsonb_build_object(
                'scenario_type', w.scenario_type, 'enabled', w.enabled,
                'quiet_from', to_char(w.quiet_from, 'HH24:MI'), 'quiet_until', to_char(w.quiet_until, 'HH24:MI'),
                'is_own', w.is_own)
            order by w.scenario_type))
    from notifications.wishes_of(preferences_json.user_id) w
    cross join notifications.settings_for(preferences_json.user_id) s
$$;

comment on function notifications.preferences_json(uuid) is 'What get_notification_preferences answers somebody.';

revoke execute on function notifications.preferences_json(uuid) from public;
