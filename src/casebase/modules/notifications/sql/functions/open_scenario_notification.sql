-- Definer: it reads devices' tokens and e-mails, which nobody else hands out. What decides is looked at now, as hours may
-- have passed since the rules did.
create or replace function notifications.open_scenario_notification(notification_id uuid, with_email boolean) returns jsonb
    language plpgsql stable security definer
    set search_path = ''
as $$
declare
    v_now constant timestamptz := casebase.now();
    v_notification public.scenario_notifications;
    v_settings notifications.settings;
    v_preference public.notification_preferences;
    v_skip_reason text;
    v_timezone text;
    v_language text;
    v_text record;
begin
    select n.* into v_notification from public.scenario_notifications n
    where n.id = notification_id and n.delivery_status = 'pending';
    if not found then
        return null;
    end if;
    v_settings := notifications.settings_of(v_notification.organization_id);
    select p.* into v_preference from public.notification_preferences p
    where p.user_id = v_notification.user_id and p.scenario_type = v_notification.scenario_type;
    if not found then
        v_preference.enabled := true;
        v_preference.quiet_from := v_settings.quiet_from;
        v_preference.quiet_until := v_settings.quiet_until;
    end if;

    v_skip_reason := case
        when v_notification.triggered_at < v_now - interval '7 days' then 'expired'
        when not exists (
            select from public.tenant_users m
            where m.tenant_id = v_notification.organization_id and m.user_id = v_notification.user_id) then 'left_organization'
        when not v_preference.enabled then 'opted_out'
        when notifications.is_outdated(v_notification, v_now) then 'outdated' end;
    if v_skip_reason is not null then
        return jsonb_build_object('decision', 'skip', 'skip_reason', v_skip_reason);
    end if;

    v_timezone := coalesce(v_preference.timezone, v_settings.timezone);
    if notifications.is_quiet(v_now, v_timezone, v_preference.quiet_from, v_preference.quiet_until) then
        return jsonb_build_object(
            'decision', 'put_off', 'until', notifications.quiet_ends_at(v_now, v_timezone, v_preference.quiet_until));
    end if;

    v_language := coalesce(v_preference.language, v_settings.language);
    select r.title, r.body into strict v_text from notifications.render_notification(notification_id, v_language) r;
    return jsonb_build_object(
        'decision', 'send',
        'message', jsonb_build_object(
            'key', v_notification.id,
            'organization_id', v_notification.organization_id,
            'user_id', v_notification.user_id,
            'scenario_type', v_notification.scenario_type,
            'milestone_value', v_notification.milestone_value,
            'triggered_at', v_notification.triggered_at,
            'opened_at', v_now,
            'language', v_language,
            'title', v_text.title,
            'body', v_text.body,
            'email', case when with_email then (select u.email from auth.users u where u.id = v_notification.user_id) end,
            'devices', (
                select coalesce(jsonb_agg(jsonb_build_object('token', d.token, 'platform', d.platform) order by d.last_seen_at desc, d.id), '[]')
                from (
                    select t.* from public.device_tokens t
                    where t.user_id = v_notification.user_id and t.revoked_at is null
                    order by t.last_seen_at desc, t.id limit 20
                ) d)));
end
$$;

create or replace function public.open_scenario_notification(notification_id uuid, with_email boolean default false) returns jsonb
    language sql stable
    set search_path = ''
as $$
    select notifications.open_scenario_notification(notification_id, with_email)
$$;

comment on function public.open_scenario_notification(uuid, boolean) is
    'What a worker does with a notification now. Null: nothing, it is not pending. {decision: skip, skip_reason}: expired (7 '
    'days old), left_organization, opted_out or outdated (active since, a certification renewed or expired; never a '
    'milestone). {decision: put_off, until}: it is quiet where the person lives. {decision: send, message}: {key, '
    'organization_id, user_id, scenario_type, milestone_value, triggered_at, opened_at, language, title, body, email, '
    'devices: [{token, platform}]}, of devices the 20 seen last; email only with_email. For the service.';

revoke execute on function notifications.open_scenario_notification(uuid, boolean), public.open_scenario_notification(uuid, boolean)
from public, anon, authenticated, service_role;
grant execute on function notifications.open_scenario_notification(uuid, boolean), public.open_scenario_notification(uuid, boolean)
to service_role;
