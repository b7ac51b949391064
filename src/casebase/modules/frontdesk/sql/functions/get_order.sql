-- Definer: who may read it is asked once, of one row.
create or replace function frontdesk.get_order(order_id text) returns jsonb
    language plpgsql stable security definer
    set search_path = ''
as $$
declare
    v_order constant public.orders := frontdesk.readable_order(order_id);
begin
    return frontdesk.order_json(v_order) || jsonb_build_object(
        'user_id', v_order.user_id, 'customer_email', v_order.customer_email,
        'shipping_address', v_order.shipping_address, 'checkout_id', v_order.checkout_id);
end
$$;

create or replace function public.get_order(order_id text) returns jsonb
    language sql stable
    set search_path = ''
as $$
    select frontdesk.get_order(order_id)
$$;

comment on function public.get_order(text) is
    'An order with its customer: {order_id, tenant_id, items: [{sku, name, quantity, unit_price, amount}], total, currency, '
    'status, payment_method, transaction_id, created_at, updated_at, user_id, customer_email, shipping_address, checkout_id}. '
    'For its customer (by account or by confirmed e-mail address), its tenant''s owners and admins, and the service. 404 '
    'order_not_found.';

revoke execute on function frontdesk.get_order(text), public.get_order(text) from public, anon, authenticated, service_role;
grant execute on function frontdesk.get_order(text), public.get_order(text) to authenticated, service_role;
