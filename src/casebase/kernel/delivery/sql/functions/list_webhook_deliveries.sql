-- Definer: the table belongs to nobody else.
create or replace function casebase.list_webhook_deliveries(
    tenant_id uuid default null,
    endpoint uuid default null,
    state text default null,
    delivery uuid default null,
    max_rows int default 50
) returns table (
        delivery_id uuid, endpoint_id uuid, url text, event_id uuid, event_type text, subject_id uuid, status text,
        attempts int, redeliveries int, last_status_code int, last_error text, next_attempt_at timestamptz,
        created_at timestamptz, delivered_at timestamptz
    )
    language plpgsql stable security definer
    set search_path = ''
    set plan_cache_mode = force_custom_plan
as $$
begin
    return query
        select d.id, d.endpoint_id, e.url, d.event_id, d.event_type, d.subject_id, d.status, d.attempts, d.redeliveries,
               d.last_status_code, d.last_error, d.next_attempt_at, d.created_at, d.delivered_at
        from casebase.webhook_deliveries d
        join casebase.webhook_endpoints e on e.id = d.endpoint_id
        where (list_webhook_deliveries.tenant_id is null or d.tenant_id = list_webhook_deliveries.tenant_id)
          and (endpoint is null or d.endpoint_id = endpoint)
          and (state is null or d.status = state)
          and (delivery is null or d.id = delivery)
        order by d.created_at desc, d.id desc
        limit max_rows;
end
$$;

comment on function casebase.list_webhook_deliveries(uuid, uuid, text, uuid, int) is
    'The latest deliveries of a tenant, of an endpoint, of a state (pending, delivered, failed), or one of them; null: any.';

revoke execute on function casebase.list_webhook_deliveries(uuid, uuid, text, uuid, int) from public;
grant execute on function casebase.list_webhook_deliveries(uuid, uuid, text, uuid, int) to casebase_api, service_role;
