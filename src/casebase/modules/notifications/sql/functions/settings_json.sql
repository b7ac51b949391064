create or replace function notifications.settings_json(organization_id uuid) returns jsonb
    language sql stable
    set search_path = ''
as $$
    select jsonb_build_object(
        'organization_id', s.organization_id,
        'timezone', s.timezone,
        'language', s.language,
        'quiet_from', to_char(s.quiet_from, 'HH24:MI'),
        'quiet_until', to_char(s.quiet_until, 'HH24:MI'))
    from notifications.settings_of(organization_id) s
$$;

comment on function notifications.settings_json(uuid) is
    'What holds in an organisation for who decided nothing, as get_notification_settings returns it.';

revoke execute on function notifications.settings_json(uuid) from public;
