-- Definer: the settings are in an unexposed schema.
create or replace function notifications.get_notification_preferences() returns jsonb
    language sql stable security definer
    set search_path = ''
as $$
    select notifications.preferences_json(notifications.acting_user())
$$;

create or replace function public.get_notification_preferences() returns jsonb
    language sql stable
    set search_path = ''
as $$
    select notifications.get_notification_preferences()
$$;

comment on function public.get_notification_preferences() is
    'What the caller wants of each scenario, as it holds: {timezone, language, preferences [{scenario_type, enabled, '
    'quiet_from, quiet_until, is_own}]}. What they did not decide (is_own false) is their organisation''s, the one they '
    'joined first. Quiet hours are HH:MM on the clock of the time zone, or null. For people. 403 user_required.';

revoke execute on function notifications.get_notification_preferences(), public.get_notification_preferences()
from public, anon, authenticated, service_role;
grant execute on function notifications.get_notification_preferences(), public.get_notification_preferences()
to authenticated;
