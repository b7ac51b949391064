-- Definer: orders are written here alone, and priced from a list that not everybody reads.
create or replace function frontdesk.create_order(payload jsonb) returns jsonb
    language plpgsql security definer
    set search_path = ''
as $$
declare
    v_tenant uuid;
    v_checkout constant text := payload ->> 'checkout_id';
    v_user constant text := payload ->> 'user_id';
    v_hash bytea;
    v_currency text;
    v_items jsonb;
    v_now constant timestamptz := casebase.now();
    v_order public.orders;
    v_is_new boolean := false;
begin
    perform casebase.require_valid(payload, '{
        "type": "object",
        "required": ["items"],
        "properties": {
            "tenant_id": {"type": "string", "format": "uuid"},
            "items": {"type": "array", "minItems": 1, "maxItems": 200, "items": {
                "type": "object",
                "required": ["quantity"],
                "properties": {
                    "sku": {"type": "string", "pattern": "^[A-Za-z0-9][A-Za-z0-9._/-]{0,63}$", "description": "must be a product''s code"},
                    "name": {"type": "string", "minLength": 1, "maxLength": 200, "pattern": "[^[:space:]]"},
                    "quantity": {"type": "integer", "minimum": 1, "maximum": 100000},
                    "unit_price": {
                        "type": ["number", "string"], "minimum": 0, "maximum": 99999999.99,
                        "pattern": "^[0-9]{1,8}([.][0-9]{1,4})?$", "description": "must be an amount such as 12.50"}
                }
            }},
            "currency": {"type": "string", "pattern": "^[A-Z]{3}$", "description": "must be a code of ISO 4217"},
            "customer_email": {"type": "string", "format": "email"},
            "user_id": {"type": "string", "format": "uuid"},
            "payment_method": {"type": "string", "pattern": "^[a-z][a-z0-9_]{0,39}$", "description": "must be snake_case"},
            "shipping_address": {"type": "object", "maxBytes": 2000},
            "checkout_id": {"type": "string", "minLength": 1, "maxLength": 200}
        }
    }');
    v_tenant := frontdesk.administered_tenant((payload ->> 'tenant_id')::uuid);
    if v_checkout is not null then
        v_hash := frontdesk.checkout_hash(payload);
        -- Before anything is priced: what was ordered may not be sold any more when a checkout is sent again.
        select * into v_order from public.orders o where o.tenant_id = v_tenant and o.checkout_id = v_checkout;
    end if;
    if v_order.id is null then
        if v_user is not null and not exists (select from auth.users u where u.id = v_user::uuid) then
            perform casebase.fail(404, 'user_not_found', '{"field": "user_id"}');
        end if;
        v_currency := coalesce(payload ->> 'currency', (frontdesk.settings_of(v_tenant)).currency);
        v_items := frontdesk.price_items(v_tenant, v_currency, payload -> 'items');
        insert into public.orders (
            order_id, tenant_id, user_id, customer_email, items, total, currency, payment_method, shipping_address,
            checkout_id, request_hash, created_at, updated_at)
        values (
            frontdesk.new_order_id(v_now), v_tenant, v_user::uuid, lower(payload ->> 'customer_email'), v_items,
            frontdesk.items_total(v_items), v_currency, payload ->> 'payment_method',
            nullif(payload -> 'shipping_address', 'null'), v_checkout, v_hash, v_now, v_now)
        on conflict (tenant_id, checkout_id) do nothing
        returning * into v_order;
        v_is_new := found;
    end if;
    if v_order.id is null then
        -- The same checkout came twice at once, and the other was first: it waited for that one's commit.
        select * into strict v_order from public.orders o where o.tenant_id = v_tenant and o.checkout_id = v_checkout;
    end if;
    if not v_is_new and v_order.request_hash <> v_hash then
        perform casebase.fail(409, 'checkout_id_reused', '{"field": "checkout_id"}', 'Another checkout needs an id of its own.');
    end if;
    return frontdesk.order_json(v_order) || jsonb_build_object('is_repeated', not v_is_new);
end
$$;

create or replace function public.create_order(payload jsonb) returns jsonb
    language sql
    set search_path = ''
as $$
    select frontdesk.create_order(payload)
$$;

comment on function public.create_order(jsonb) is
    'Write a pending order and price it: {items: [{sku, quantity} of public.products, or {name, quantity, unit_price, '
    'sku?} of what is not there, up to 200], tenant_id?, currency? (the tenant''s), customer_email?, user_id?, payment_method?, '
    'shipping_address?, checkout_id?}. unit_price is a number or a text such as "12.50", with as many decimals as the '
    'currency has, two at most. '
    'Sent again under its checkout_id it is the order that was made, is_repeated. Returns {order_id, tenant_id, items: [{sku, '
    'name, quantity, unit_price, amount}], total, currency, status, payment_method, transaction_id, created_at, updated_at, '
    'is_repeated}. For the tenant''s owners and admins, and the service. 403 administrator_required; 404 tenant_not_found, '
    'user_not_found, product_not_found; 409 checkout_id_reused; 422 invalid_input.';

revoke execute on function frontdesk.create_order(jsonb), public.create_order(jsonb)
from public, anon, authenticated, service_role;
grant execute on function frontdesk.create_order(jsonb), public.create_order(jsonb) to authenticated, service_role;
