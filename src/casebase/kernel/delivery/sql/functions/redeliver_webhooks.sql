-- Definer: the table belongs to nobody else. The round goes up, so a job of an earlier one finds nothing to do.
create or replace function casebase.redeliver_webhooks(delivery_ids uuid[] default null, endpoint_id uuid default null)
    returns setof uuid
    language plpgsql security definer
    set search_path = ''
as $$
declare
    v_delivery casebase.webhook_deliveries;
begin
    for v_delivery in
        update casebase.webhook_deliveries d
        set status = 'pending', attempts = 0, redeliveries = d.redeliveries + 1,
            last_status_code = null, last_error = null, next_attempt_at = null, delivered_at = null
        from casebase.webhook_endpoints e
        where e.id = d.endpoint_id and e.is_enabled
          and (d.id = any (delivery_ids)
               or delivery_ids is null and d.endpoint_id = redeliver_webhooks.endpoint_id and d.status = 'failed')
        returning d.*
    loop
        perform casebase.enqueue('casebase_webhooks',
            jsonb_build_object('delivery_id', v_delivery.id, 'redelivery', v_delivery.redeliveries));
        return next v_delivery.id;
    end loop;
end
$$;

comment on function casebase.redeliver_webhooks(uuid[], uuid) is
    'Send these deliveries, or all failed ones of an endpoint, again with the id they had; return those that will be. '
    'An endpoint that is switched off gets none.';

revoke execute on function casebase.redeliver_webhooks(uuid[], uuid) from public;
grant execute on function casebase.redeliver_webhooks(uuid[], uuid) to casebase_api, service_role;
