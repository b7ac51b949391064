-- What is told late must still be true, and told by nothing else meanwhile: what the constraints of reminders and keys would
-- refuse is outdated too. Milestones are always true: one that was reached stays so, and is written once.
create or replace function notifications.is_outdated(notification public.scenario_notifications, at timestamptz) returns boolean
    language sql stable
    set search_path = ''
as $$
    select case
        when notification.scenario_type = 'milestone' then false
        when notification.triggered_at < at - interval '7 days' then true
        when exists (
            select from public.scenario_notifications n
            where n.organization_id = notification.organization_id and n.user_id = notification.user_id
              and n.scenario_type = notification.scenario_type and n.dedupe_key = notification.dedupe_key
              and n.delivery_status <> 'failed' and n.id <> notification.id) then true
        when notification.scenario_type = 'inactivity' then exists (
            select from public.activities a
            where a.user_id = notification.user_id and a.organization_id = notification.organization_id
              and a.activity_date >= notifications.local_day(notification, notification.triggered_at))
        when notification.scenario_type = 'certification_expiry' then (
            select count(*) filter (where t.expires_on >= notifications.local_day(notification, at))
            from notifications.told_certifications(notification) t
            where not exists (
                select from notifications.certification_stages s
                where s.certification_id = t.certification_id and s.expires_on = t.expires_on and s.stage = t.stage
                  and s.notification_id <> notification.id)
        ) < (select count(*) from jsonb_path_query(notification.metadata, 'lax $.certifications[*]'))
        else false
    end
$$;

comment on function notifications.is_outdated(public.scenario_notifications, timestamptz) is
    'Whether what a notification tells no longer holds: older than 7 days, active since, a certification renewed or expired, '
    'or told by another meanwhile.';

revoke execute on function notifications.is_outdated(public.scenario_notifications, timestamptz) from public;
