-- Definer: orders are changed here alone. Locked first, so that of several that come at once one changes it, and the
-- others see what it became.
create or replace function frontdesk.set_order_status(order_id text, new_status text, new_transaction_id text) returns jsonb
    language plpgsql security definer
    set search_path = ''
as $$
declare
    v_order public.orders;
    v_is_repeated boolean := true;
begin
    perform casebase.require_valid(
        jsonb_build_object('status', new_status, 'transaction_id', new_transaction_id), '{
        "type": "object",
        "required": ["status"],
        "properties": {
            "status": {"type": "string", "enum": ["completed", "failed", "cancelled"]},
            "transaction_id": {"type": "string", "minLength": 1, "maxLength": 200}
        }
    }');
    v_order := frontdesk.readable_order(order_id);
    if not frontdesk.is_administrator(v_order.tenant_id) then
        perform casebase.fail(403, 'administrator_required', '{"field": "order_id"}', 'Its tenant settles an order.');
    end if;
    select * into strict v_order from public.orders o where o.id = v_order.id for no key update;
    if v_order.status = 'pending' then
        update public.orders o
        set status = new_status, transaction_id = coalesce(new_transaction_id, o.transaction_id)
        where o.id = v_order.id
        returning * into v_order;
        v_is_repeated := false;
    elsif v_order.status <> new_status
          or new_transaction_id is not null and new_transaction_id is distinct from v_order.transaction_id then
        perform casebase.fail(409, 'order_' || v_order.status, '{"field": "status"}', 'An order is settled once.');
    end if;
    return frontdesk.order_json(v_order) || jsonb_build_object('is_repeated', v_is_repeated);
end
$$;

create or replace function public.set_order_status(order_id text, status text, transaction_id text default null) returns jsonb
    language sql
    set search_path = ''
as $$
    select frontdesk.set_order_status(order_id, status, transaction_id)
$$;

comment on function public.set_order_status(text, text, text) is
    'Settle a pending order, once: completed, failed or cancelled, and the payment''s transaction_id. The same again is '
    'is_repeated. Returns {order_id, tenant_id, items, total, currency, status, payment_method, transaction_id, created_at, '
    'updated_at, is_repeated}. For the tenant''s owners and admins, and the service. 403 administrator_required; 404 '
    'order_not_found; 409 order_completed, order_failed, order_cancelled; 422 invalid_input.';

revoke execute on function frontdesk.set_order_status(text, text, text), public.set_order_status(text, text, text)
from public, anon, authenticated, service_role;
grant execute on function frontdesk.set_order_status(text, text, text), public.set_order_status(text, text, text)
to authenticated, service_role;
