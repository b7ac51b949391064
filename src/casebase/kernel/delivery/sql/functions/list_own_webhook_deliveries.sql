-- Definer: shows a caller only what they administer.
create or replace function casebase.list_own_webhook_deliveries(status text, after jsonb, page_size int) returns jsonb
    language plpgsql stable security definer
    set search_path = ''
    set plan_cache_mode = force_custom_plan
as $$
declare
    v_tenants constant uuid[] := casebase.administered_tenants();
    v_items jsonb;
begin
    perform casebase.require_valid(
        jsonb_build_object('status', status, 'after', after, 'page_size', page_size),
        '{
            "type": "object",
            "required": ["page_size"],
            "properties": {
                "status": {"type": "string", "enum": ["pending", "delivered", "failed"]},
                "page_size": {"type": "integer", "minimum": 1, "maximum": 200},
                "after": {"type": "object", "required": ["created_at", "delivery_id"], "properties": {
                    "created_at": {"type": "string", "format": "date-time"},
                    "delivery_id": {"type": "string", "format": "uuid"}}}
            }
        }'::jsonb);
    select coalesce(jsonb_agg(to_jsonb(p) order by p.created_at desc, p.delivery_id desc), '[]') into v_items
    from (
        select d.id as delivery_id, d.endpoint_id, e.url, d.event_id, d.event_type, d.subject_id, d.status, d.attempts,
               d.last_status_code, d.last_error, d.next_attempt_at, d.created_at, d.delivered_at
        from casebase.webhook_deliveries d
        join casebase.webhook_endpoints e on e.id = d.endpoint_id
        where d.tenant_id = any (v_tenants)
          and (list_own_webhook_deliveries.status is null or d.status = list_own_webhook_deliveries.status)
          and (after is null or (d.created_at, d.id) < ((after ->> 'created_at')::timestamptz, (after ->> 'delivery_id')::uuid))
        order by d.created_at desc, d.id desc
        limit page_size + 1
    ) p;
    return jsonb_build_object(
        'items', case when jsonb_array_length(v_items) > page_size then v_items - page_size else v_items end,
        'next', case when jsonb_array_length(v_items) > page_size then jsonb_build_object(
            'created_at', v_items -> (page_size - 1) -> 'created_at',
            'delivery_id', v_items -> (page_size - 1) -> 'delivery_id') end);
end
$$;

create or replace function public.list_webhook_deliveries(status text default null, after jsonb default null, page_size int default 50)
    returns jsonb
    language sql stable
    set search_path = ''
as $$
    select casebase.list_own_webhook_deliveries(status, after, page_size)
$$;

comment on function public.list_webhook_deliveries(text, jsonb, int) is
    'A page {items, next} of the delivery log of the tenants that the caller owns or administers, latest first; next is '
    'the next page''s after. 403 forbidden; 422 invalid_input.';

revoke execute on function
    casebase.list_own_webhook_deliveries(text, jsonb, int), public.list_webhook_deliveries(text, jsonb, int)
from public, anon, authenticated, service_role;
grant execute on function
    casebase.list_own_webhook_deliveries(text, jsonb, int), public.list_webhook_deliveries(text, jsonb, int) to authenticated;
