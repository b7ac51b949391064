-- Its reminders of certifications are free again, so that the next one tells of them. That a service takes nothing any more
-- is the operators' to hear, once a day.
create or replace function notifications.fail_notification(notification_id uuid, skip_reason text, error_code text) returns void
    language plpgsql security definer
    set search_path = ''
as $$
declare
    v_organization uuid;
begin
    update public.scenario_notifications n
    set delivery_status = 'failed', skip_reason = fail_notification.skip_reason, error_code = fail_notification.error_code
    where n.id = notification_id
    returning n.organization_id into v_organization;
    delete from notifications.certification_stages s where s.notification_id = fail_notification.notification_id;
    if error_code is not null then
        perform casebase.raise_alert(
            v_organization, 'notifications_failed', 'Notifications could not be sent',
            format('The last of them failed with %s. They can be sent again from the console.', error_code),
            concat_ws(' ', error_code, (casebase.now() at time zone 'UTC')::date));
    end if;
end
$$;

comment on function notifications.fail_notification(uuid, text, text) is
    'End a pending notification as failed, with why it was not to be sent or what its sender said; tell the operators of the '
    'latter, once a day, organisation and error.';

revoke execute on function notifications.fail_notification(uuid, text, text) from public;
