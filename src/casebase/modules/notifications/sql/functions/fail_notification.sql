-- Its reminders of certifications are free again, so that the next one tells of them.
create or replace function notifications.fail_notification(notification_id uuid, skip_reason text, error_code text) returns void
    language plpgsql security definer
    set search_path = ''
as $$
begin
    update public.scenario_notifications n
    set delivery_status = 'failed', skip_reason = fail_notification.skip_reason,
        error_code = coalesce(fail_notification.error_code, n.error_code)
    where n.id = notification_id;
    delete from notifications.certification_stages s where s.notification_id = fail_notification.notification_id;
end
$$;

comment on function notifications.fail_notification(uuid, text, text) is
    'End a pending notification as failed, with why it was not to be sent or what its sender said.';

revoke execute on function notifications.fail_notification(uuid, text, text) from public;
