create or replace function frontdesk.order_line_json(an_order public.orders) returns jsonb
    language sql immutable
    set search_path = ''
as $$
    select frontdesk.order_json(an_order) - 'items' || jsonb_build_object('item_count', jsonb_array_length(an_order.items))
$$;

comment on function frontdesk.order_line_json(public.orders) is
    'An order as lists tell it: how many items, as 200 orders of 200 items each are nobody''s page.';

revoke execute on function frontdesk.order_line_json(public.orders) from public;
