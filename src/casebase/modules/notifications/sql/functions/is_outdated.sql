-- What is told late must still be true. Milestones are: one that was reached stays so.
create or replace function notifications.is_outdated(notification public.scenario_notifications, at timestamptz) returns boolean
    language sql stable
    set search_path = ''
as $$
    select case notification.scenario_type
        when 'milestone' then false
        when 'inactivity' then
            notification.triggered_at < at - interval '7 days'
            or exists (
                select from public.activities a
                where a.user_id = notification.user_id and a.organization_id = notification.organization_id
                  and a.activity_date >= (notification.triggered_at at time zone 'UTC')::date)
        when 'certification_expiry' then
            notification.triggered_at < at - interval '7 days'
            or exists (
                select from jsonb_to_recordset(notification.metadata -> 'certifications') as t (id uuid, expires_on date)
                left join public.certifications c on c.id = t.id and c.expires_on = t.expires_on
                where c.id is null or c.expires_on < (at at time zone 'UTC')::date)
        else notification.triggered_at < at - interval '7 days'
    end
$$;

comment on function notifications.is_outdated(public.scenario_notifications, timestamptz) is
    'Whether what a notification tells no longer holds: older than 7 days, active since, a certification renewed or expired.';

revoke execute on function notifications.is_outdated(public.scenario_notifications, timestamptz) from public;
