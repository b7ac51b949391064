-- Definer: whoever publishes must not thereby read endpoints or deliveries.
-- Called from triggers of busy tables: a tenant without an endpoint pays for one look into an index.
create or replace function casebase.publish_event(
    tenant_id uuid,
    event_type text,
    subject_id uuid,
    payload jsonb default '{}',
    event_id uuid default gen_random_uuid()
) returns int
    language plpgsql security definer
    set search_path = ''
as $$
declare
    v_delivery_id uuid;
    v_count int := 0;
begin
    for v_delivery_id in
        insert into casebase.webhook_deliveries as d (tenant_id, endpoint_id, event_id, event_type, subject_id, payload)
        select e.tenant_id, e.id, publish_event.event_id, publish_event.event_type, publish_event.subject_id, publish_event.payload
        from casebase.webhook_endpoints e
        where e.tenant_id = publish_event.tenant_id and e.is_enabled
          and casebase.wants_event(e.event_types, publish_event.event_type)
        on conflict on constraint webhook_deliveries_endpoint_id_event_id_key do nothing
        returning d.id
    loop
        perform casebase.enqueue('casebase_webhooks', jsonb_build_object('delivery_id', v_delivery_id, 'redelivery', 0));
        v_count := v_count + 1;
    end loop;
    return v_count;
end
$$;

comment on function casebase.publish_event(uuid, text, uuid, jsonb, uuid) is
    'Tell a tenant''s webhook endpoints of an event, in the caller''s transaction: one delivery and one job for each '
    'endpoint that wants its type, once per event_id. Returns how many. The payload holds ids and masked facts only.';

revoke execute on function casebase.publish_event(uuid, text, uuid, jsonb, uuid) from public;
grant execute on function casebase.publish_event(uuid, text, uuid, jsonb, uuid) to casebase_api, service_role;
