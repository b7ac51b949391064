-- Definer: settings and preferences are not everybody's to read.
create or replace function notifications.local_day(notification public.scenario_notifications, at timestamptz) returns date
    language sql stable security definer
    set search_path = ''
as $$
    select (at at time zone coalesce(
        (select p.timezone from public.notification_preferences p
         where p.user_id = notification.user_id and p.scenario_type = notification.scenario_type),
        (notifications.settings_of(notification.organization_id)).timezone))::date
$$;

comment on function notifications.local_day(public.scenario_notifications, timestamptz) is
    'Which day a moment is where a notification''s person lives: in the time zone of their preference, else the organisation''s.';

revoke execute on function notifications.local_day(public.scenario_notifications, timestamptz) from public;
