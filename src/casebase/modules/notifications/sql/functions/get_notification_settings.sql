-- Definer: the settings are in an unexposed schema.
create or replace function notifications.get_notification_settings(organization_id uuid) returns jsonb
    language sql stable security definer
    set search_path = ''
as $$
    select notifications.settings_json(notifications.administered_organization(organization_id))
$$;

create or replace function public.get_notification_settings(organization_id uuid default null) returns jsonb
    language sql stable
    set search_path = ''
as $$
    select notifications.get_notification_settings(organization_id)
$$;

comment on function public.get_notification_settings(uuid) is
    'What holds in an organisation for people who decided nothing themselves: {organization_id, timezone, language, '
    'quiet_from, quiet_until} (HH:MM, both null without quiet hours). For administrators of the organisation, and the '
    'service. 403 administrator_required; 404 organization_not_found; 422 invalid_input.';

revoke execute on function notifications.get_notification_settings(uuid), public.get_notification_settings(uuid)
from public, anon, authenticated, service_role;
grant execute on function notifications.get_notification_settings(uuid), public.get_notification_settings(uuid)
to authenticated, service_role;
