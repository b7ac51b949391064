-- Definer: who may read is asked once, before the rows are. Planned for the filters that are given, so that each way of
-- asking has the index that was made for it.
create or replace function frontdesk.list_orders(payload jsonb) returns jsonb
    language plpgsql stable security definer
    set search_path = ''
    set plan_cache_mode = force_custom_plan
    set jit = off
as $$
declare
    v_size int;
    v_tenant uuid;
    v_status constant text := payload ->> 'status';
    v_email constant text := lower(payload ->> 'customer_email');
    v_from timestamptz;
    v_until timestamptz;
    v_after record;
    v_orders public.orders[];
    v_next public.orders;
begin
    perform casebase.require_valid(coalesce(payload, '{}'), '{
        "type": "object",
        "properties": {
            "tenant_id": {"type": "string", "format": "uuid"},
            "status": {"type": "string", "enum": ["pending", "completed", "failed", "cancelled"]},
            "customer_email": {"type": "string", "maxLength": 254},
            "from": {"type": "string", "format": "date-time"},
            "until": {"type": "string", "format": "date-time"},
            "cursor": {"type": "string", "maxLength": 200, "pattern": "^([0-9a-f]{2})+$", "description": "must be a next_cursor"},
            "page_size": {"type": "integer", "minimum": 1, "maximum": 200}
        }
    }');
    v_tenant := frontdesk.administered_tenant((payload ->> 'tenant_id')::uuid);
    v_size := coalesce((payload ->> 'page_size')::numeric::int, 50);
    v_from := coalesce((payload ->> 'from')::timestamptz, '-infinity');
    v_until := coalesce((payload ->> 'until')::timestamptz, 'infinity');
    select coalesce(c.at, 'infinity') as at, coalesce(c.id, 'ffffffff-ffff-ffff-ffff-ffffffffffff') as id
    into strict v_after from casebase.read_cursor(payload ->> 'cursor') c;

    -- One row more than asked for tells whether there is a next page, and where it begins.
    v_orders := array(
        select o from public.orders o
        where o.tenant_id = v_tenant
          and (v_status is null or o.status = v_status)
          and (v_email is null or o.customer_email = v_email)
          and o.created_at >= v_from and o.created_at < v_until
          and (o.created_at, o.id) <= (v_after.at, v_after.id)
        order by o.created_at desc, o.id desc
        limit v_size + 1);
    v_next := v_orders[v_size + 1];
    return jsonb_build_object(
        'items', (
            select coalesce(jsonb_agg(
                frontdesk.order_line_json(o)
                || jsonb_build_object('user_id', o.user_id, 'customer_email', o.customer_email)
                order by o.created_at desc, o.id desc), '[]')
            from unnest(v_orders[:v_size]) o),
        'next_cursor', casebase.write_cursor(v_next.created_at, v_next.id));
end
$$;

create or replace function public.list_orders(payload jsonb) returns jsonb
    language sql stable
    set search_path = ''
as $$
    select frontdesk.list_orders(payload)
$$;

comment on function public.list_orders(jsonb) is
    'A page of a tenant''s orders, newest first: {tenant_id?, status?, customer_email?, from?, until?, cursor?, page_size? (50, '
    'at most 200)} gives {items: [{order_id, tenant_id, item_count, total, currency, status, payment_method, transaction_id, '
    'created_at, updated_at, user_id, customer_email}], next_cursor}. For the tenant''s owners and admins, and the service. 403 '
    'administrator_required; 404 tenant_not_found; 422 invalid_input.';

revoke execute on function frontdesk.list_orders(jsonb), public.list_orders(jsonb) from public, anon, authenticated, service_role;
grant execute on function frontdesk.list_orders(jsonb), public.list_orders(jsonb) to authenticated, service_role;
