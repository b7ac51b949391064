-- Definer functions ask it, whom no policy holds back.
create or replace function frontdesk.readable_order(order_id text) returns public.orders
    language plpgsql stable
    set search_path = ''
as $$
declare
    v_order public.orders;
begin
    select * into v_order from public.orders o where o.order_id = readable_order.order_id;
    if v_order.id is null
       or not (
           frontdesk.is_administrator(v_order.tenant_id)
           or coalesce(v_order.user_id = auth.uid(), false)
           or coalesce(v_order.customer_email = frontdesk.customer_email(), false)) then
        perform casebase.fail(404, 'order_not_found', '{"field": "order_id"}');
    end if;
    return v_order;
end
$$;

comment on function frontdesk.readable_order(text) is
    'An order that the caller may read, as its customer or for its tenant; 404 order_not_found for any other.';

revoke execute on function frontdesk.readable_order(text) from public;
