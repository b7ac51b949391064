-- Definer: nobody writes the table's outcomes by hand. Called by casebase.complete_job, in the transaction that ends the
-- job: row, job and next attempt never tell different stories. An attempt that failed is a job that ended, and the next
-- attempt a new job, so the row knows how often it was tried, whatever becomes of workers.
create or replace function notifications.settle_dispatch(payload jsonb) returns void
    language plpgsql security definer
    set search_path = ''
as $$
declare
    v_id constant uuid := (payload ->> 'notification_id')::uuid;
    v_outcome constant text := payload ->> 'outcome';
    v_notification public.scenario_notifications;
    v_queue casebase.queues;
    v_attempts int;
    v_delay_s int;
begin
    select n.* into v_notification from public.scenario_notifications n
    where n.id = v_id and n.delivery_status = 'pending'
    for update;
    if not found then
        return;
    end if;

    -- One that was registered anew meanwhile is good again.
    update public.device_tokens d set revoked_at = casebase.now()
    where d.user_id = v_notification.user_id and d.revoked_at is null
      and d.token in (select jsonb_array_elements_text(payload -> 'revoked_tokens'))
      and d.last_seen_at <= (payload ->> 'opened_at')::timestamptz;

    v_attempts := v_notification.attempts + case when v_outcome in ('sent', 'failed') then 1 else 0 end;
    update public.scenario_notifications n
    set attempts = v_attempts, error_code = case v_outcome when 'failed' then payload ->> 'error_code' when 'put_off' then n.error_code end
    where n.id = v_id;

    case v_outcome
        when 'sent' then
            update public.scenario_notifications n set delivery_status = 'sent', sent_at = casebase.now() where n.id = v_id;
        when 'skipped' then
            perform notifications.fail_notification(v_id, payload ->> 'skip_reason', null);
        when 'put_off' then
            v_delay_s := greatest(1, ceil(extract(epoch from (payload ->> 'until')::timestamptz - casebase.now())));
        when 'failed' then
            select q.* into strict v_queue from casebase.queues q where q.name = 'notifications_dispatch';
            if (payload -> 'is_final')::boolean or v_attempts >= v_queue.max_attempts then
                perform notifications.fail_notification(v_id, null, payload ->> 'error_code');
            else
                -- As casebase.fail_job: doubled up to an hour, a quarter of it random, so what failed together comes back
                -- apart; and not before the receiver wants it.
                v_delay_s := greatest(
                    ceil(least(3600, v_queue.backoff_s * 2 ^ (v_attempts - 1)) * (0.75 + random() / 4)),
                    least(3600, coalesce((payload ->> 'retry_after_s')::int, 0)));
            end if;
    end case;
    if v_delay_s is not null then
        perform casebase.enqueue('notifications_dispatch', jsonb_build_object('notification_id', v_id), null, v_delay_s);
    end if;
end
$$;

comment on function notifications.settle_dispatch(jsonb) is
    'Write how a dispatch ended: {notification_id, outcome: sent, skipped (skip_reason), put_off (until), failed (error_code, '
    'is_final, retry_after_s?), revoked_tokens?, opened_at?}. What failed is tried again after a growing delay, until its '
    'attempts are used up. Of a notification that is not pending nothing changes.';

revoke execute on function notifications.settle_dispatch(jsonb) from public, anon, authenticated, service_role;
grant execute on function notifications.settle_dispatch(jsonb) to service_role;
