-- Definer: the settings are in an unexposed schema.
create or replace function notifications.set_notification_settings(payload jsonb) returns jsonb
    language plpgsql security definer
    set search_path = ''
as $$
declare
    v_organization uuid;
    v_from time;
    v_until time;
begin
    perform casebase.require_valid(payload, '{
        "type": "object",
        "properties": {
            "organization_id": {"type": "string", "format": "uuid"},
            "timezone": {"type": "string", "maxLength": 60},
            "language": {"type": "string", "enum": ["en", "nb"]},
            "quiet_from": {"type": "string", "pattern": "^([01]\\d|2[0-3]):[0-5]\\d$", "description": "must be a time, such as 22:00"},
            "quiet_until": {"type": "string", "pattern": "^([01]\\d|2[0-3]):[0-5]\\d$", "description": "must be a time, such as 07:00"}
        }
    }');
    if not casebase.is_time_zone(coalesce(payload ->> 'timezone', 'UTC')) then
        perform casebase.fail(422, 'invalid_input', jsonb_build_object('errors', jsonb_build_array(
            casebase.validation_error('timezone', 'time_zone', 'must be the name of a time zone, such as Europe/Oslo'))));
    end if;
    v_organization := notifications.administered_organization((payload ->> 'organization_id')::uuid);
    -- The row as it is, locked: two callers who each set another field both have their way.
    insert into notifications.settings (organization_id) values (v_organization) on conflict do nothing;
    select case when payload ? 'quiet_from' then (payload ->> 'quiet_from')::time else s.quiet_from end,
           case when payload ? 'quiet_until' then (payload ->> 'quiet_until')::time else s.quiet_until end
    into strict v_from, v_until
    from notifications.settings s where s.organization_id = v_organization for update;
    if (v_from is null) <> (v_until is null) or v_from = v_until then
        perform casebase.fail(422, 'invalid_input', jsonb_build_object('errors', jsonb_build_array(
            casebase.validation_error('quiet_until', 'pair', 'must come with quiet_from, and differ from it'))));
    end if;
    update notifications.settings s
    set timezone = coalesce(payload ->> 'timezone', s.timezone),
        language = coalesce(payload ->> 'language', s.language),
        quiet_from = v_from,
        quiet_until = v_until
    where s.organization_id = v_organization;
    return notifications.settings_json(v_organization);
end
$$;

create or replace function public.set_notification_settings(payload jsonb) returns jsonb
    language sql
    set search_path = ''
as $$
    select notifications.set_notification_settings(payload)
$$;

comment on function public.set_notification_settings(jsonb) is
    'Decide for an organisation''s people who decided nothing themselves: {organization_id?, timezone?, language?, quiet_from?, '
    'quiet_until?}; what is absent stays, null for both quiet_from and quiet_until ends the quiet hours. Returns all settings. '
    'For administrators of the organisation, and the service. 403 administrator_required; 404 organization_not_found; 422 '
    'invalid_input.';

revoke execute on function notifications.set_notification_settings(jsonb), public.set_notification_settings(jsonb)
from public, anon, authenticated, service_role;
grant execute on function notifications.set_notification_settings(jsonb), public.set_notification_settings(jsonb)
to authenticated, service_role;
