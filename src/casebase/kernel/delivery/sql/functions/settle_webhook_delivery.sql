-- Definer: the tables belong to nobody else. Runs in the transaction that acknowledges the job, so the log, the job and
-- the next attempt never tell different stories: a failed attempt is a settled job, and the next attempt a new one.
create or replace function casebase.settle_webhook_delivery(payload jsonb) returns void
    language plpgsql security definer
    set search_path = ''
as $$
declare
    v_delivery_id constant uuid := (payload ->> 'delivery_id')::uuid;
    v_redelivery constant int := (payload ->> 'redelivery')::int;
    v_status_code constant int := (payload ->> 'status_code')::int;
    v_delivery casebase.webhook_deliveries;
    v_queue casebase.queues;
    v_error constant text := payload ->> 'error';
    v_attempts int;
    v_status text;
    v_delay_s int;
begin
    select d.* into v_delivery from casebase.webhook_deliveries d
    where d.id = v_delivery_id and d.redeliveries = v_redelivery and d.status = 'pending'
    for update;
    if not found then
        return;
    end if;

    select q.* into strict v_queue from casebase.queues q where q.name = 'casebase_webhooks';
    v_attempts := v_delivery.attempts + case when v_error = 'endpoint_disabled' then 0 else 1 end;
    v_status := case
        when v_error is null then 'delivered'
        when v_error in ('endpoint_gone', 'endpoint_disabled') or v_attempts >= v_queue.max_attempts then 'failed'
        else 'pending' end;
    if v_status = 'pending' then
        -- As casebase.fail_job: doubled up to an hour, a quarter of it random, so what failed together comes back apart.
        v_delay_s := ceil(least(3600, v_queue.backoff_s * 2 ^ (v_attempts - 1)) * (0.75 + random() / 4))::int;
        perform casebase.enqueue('casebase_webhooks',
            jsonb_build_object('delivery_id', v_delivery_id, 'redelivery', v_redelivery), null, v_delay_s);
    end if;

    update casebase.webhook_deliveries d
    set status = v_status, attempts = v_attempts,
        last_status_code = v_status_code, last_error = v_error,
        delivered_at = case when v_status = 'delivered' then casebase.now() end,
        next_attempt_at = case when v_status = 'pending' then casebase.now() + make_interval(secs => v_delay_s) end
    where d.id = v_delivery.id;

    if v_error = 'endpoint_gone' then
        update casebase.webhook_endpoints e set is_enabled = false, disabled_reason = 'endpoint_gone'
        where e.id = v_delivery.endpoint_id and e.is_enabled;
    end if;
end
$$;

comment on function casebase.settle_webhook_delivery(jsonb) is
    'Write how an attempt {delivery_id, redelivery, status_code?, error?} ended: delivered, failed for good, or to be tried '
    'again after a growing delay. The error endpoint_gone (the receiver answered 410) switches the endpoint off.';

revoke execute on function casebase.settle_webhook_delivery(jsonb) from public;
grant execute on function casebase.settle_webhook_delivery(jsonb) to service_role;
