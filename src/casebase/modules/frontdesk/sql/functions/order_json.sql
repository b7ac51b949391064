create or replace function frontdesk.order_json(an_order public.orders) returns jsonb
    language sql immutable
    set search_path = ''
as $$
    select jsonb_build_object(
        'order_id', an_order.order_id, 'tenant_id', an_order.tenant_id, 'items', an_order.items, 'total', an_order.total,
        'currency', an_order.currency, 'status', an_order.status, 'payment_method', an_order.payment_method,
        'transaction_id', an_order.transaction_id, 'created_at', an_order.created_at, 'updated_at', an_order.updated_at)
$$;

comment on function frontdesk.order_json(public.orders) is
    'An order as replies tell it: without its customer, as replies are kept.';

revoke execute on function frontdesk.order_json(public.orders) from public;
