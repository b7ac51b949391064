-- Definer: the tables belong to nobody else. To this endpoint, whatever types it wants.
create or replace function casebase.send_test_webhook(endpoint_id uuid) returns uuid
    language plpgsql security definer
    set search_path = ''
as $$
declare
    v_delivery_id uuid;
begin
    perform casebase.require_webhook_endpoint(endpoint_id);
    insert into casebase.webhook_deliveries as d (tenant_id, endpoint_id, event_id, event_type, subject_id)
    select e.tenant_id, e.id, gen_random_uuid(), 'casebase.test', e.id
    from casebase.webhook_endpoints e
    where e.id = send_test_webhook.endpoint_id
    returning d.id into v_delivery_id;
    perform casebase.enqueue('casebase_webhooks', jsonb_build_object('delivery_id', v_delivery_id, 'redelivery', 0));
    return v_delivery_id;
end
$$;

comment on function casebase.send_test_webhook(uuid) is
    'Send an event casebase.test to an endpoint and return the delivery''s id. 404 webhook_endpoint_not_found.';

revoke execute on function casebase.send_test_webhook(uuid) from public;
grant execute on function casebase.send_test_webhook(uuid) to casebase_api, service_role;
