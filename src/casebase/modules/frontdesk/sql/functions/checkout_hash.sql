-- Of what was asked for, not of what it came to: a price that changed meanwhile makes no other checkout of it. How a number
-- or an address is spelled does not either.
create or replace function frontdesk.checkout_hash(payload jsonb) returns bytea
    language sql immutable
    set search_path = ''
as $$
    select sha256(convert_to(jsonb_build_array(
        (
            select jsonb_agg(jsonb_build_array(
                i.value ->> 'sku', i.value ->> 'name', trim_scale((i.value ->> 'quantity')::numeric),
                trim_scale((i.value ->> 'unit_price')::numeric)) order by i.ordinality)
            from jsonb_array_elements(payload -> 'items') with ordinality i
        ),
        payload ->> 'currency', lower(payload ->> 'customer_email'), (payload ->> 'user_id')::uuid,
        payload ->> 'payment_method', nullif(payload -> 'shipping_address', 'null'))::text, 'UTF8'))
$$;

comment on function frontdesk.checkout_hash(jsonb) is
    'What tells a checkout that is sent again from another one under the same id: a hash of the whole order asked for.';

revoke execute on function frontdesk.checkout_hash(jsonb) from public;
