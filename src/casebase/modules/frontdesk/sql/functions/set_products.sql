-- Definer: the price list is written here alone.
create or replace function frontdesk.set_products(payload jsonb) returns jsonb
    language plpgsql security definer
    set search_path = ''
as $$
declare
    v_tenant uuid;
    v_currency text;
    v_errors jsonb;
    v_total int;
    v_changed int;
begin
    perform casebase.require_valid(payload, '{
        "type": "object",
        "required": ["products"],
        "properties": {
            "tenant_id": {"type": "string", "format": "uuid"},
            "products": {"type": "array", "minItems": 1, "maxItems": 1000, "items": {
                "type": "object",
                "required": ["sku", "name", "unit_price"],
                "properties": {
                    "sku": {"type": "string", "pattern": "^[A-Za-z0-9][A-Za-z0-9._/-]{0,63}$",
                            "description": "must be a code of at most 64 letters, digits and . _ / -"},
                    "name": {"type": "string", "minLength": 1, "maxLength": 200, "pattern": "[^[:space:]]"},
                    "unit_price": {
                        "type": ["number", "string"], "exclusiveMinimum": 0, "maximum": 99999999.99,
                        "pattern": "^[0-9]{1,8}([.][0-9]{1,4})?$", "description": "must be an amount such as 12.50"},
                    "currency": {"type": "string", "pattern": "^[A-Z]{3}$", "description": "must be a code of ISO 4217"},
                    "is_active": {"type": "boolean"}
                }
            }}
        }
    }');
    v_tenant := frontdesk.administered_tenant((payload ->> 'tenant_id')::uuid);
    v_currency := (frontdesk.settings_of(v_tenant)).currency;

    select jsonb_agg(e.error order by p.n) into v_errors
    from (
        select i.ordinality as n, format('products[%s].', i.ordinality - 1) as field, c.minor_units,
               (i.value ->> 'unit_price')::numeric as unit_price,
               row_number() over (
                   partition by i.value ->> 'sku', coalesce(i.value ->> 'currency', v_currency) order by i.ordinality) as nth
        from jsonb_array_elements(payload -> 'products') with ordinality i
        left join frontdesk.currencies c on c.code = coalesce(i.value ->> 'currency', v_currency)
    ) p
    cross join lateral (select case
        when p.minor_units is null then
            casebase.validation_error(p.field || 'currency', 'enum', 'must be a currency of ISO 4217 that money is paid in')
        when p.unit_price = 0 then
            casebase.validation_error(p.field || 'unit_price', 'exclusiveMinimum', 'must be more than 0')
        when p.unit_price <> round(p.unit_price, least(p.minor_units, 2)) then casebase.validation_error(
            p.field || 'unit_price', 'decimals', format('must have at most %s decimals', least(p.minor_units, 2)))
        when p.nth > 1 then
            casebase.validation_error(p.field || 'sku', 'unique', 'is there twice, in the same currency')
        end as error) e
    where e.error is not null;
    if v_errors is not null then
        perform casebase.fail(422, 'invalid_input', jsonb_build_object('errors', v_errors));
    end if;

    -- In the order of their key, so that two lists that come at once wait for each other and never in a circle.
    with changed as (
        insert into public.products as p (tenant_id, sku, name, unit_price, currency, is_active)
        select v_tenant, i ->> 'sku', btrim(i ->> 'name'), (i ->> 'unit_price')::numeric,
               coalesce(i ->> 'currency', v_currency), coalesce((i ->> 'is_active')::boolean, true)
        from jsonb_array_elements(payload -> 'products') i
        order by 2, 5
        on conflict (tenant_id, sku, currency) do update
        set name = excluded.name, unit_price = excluded.unit_price, is_active = excluded.is_active
        where (p.name, p.unit_price, p.is_active) is distinct from (excluded.name, excluded.unit_price, excluded.is_active)
        returning p.id
    )
    select count(*) into v_changed from changed;
    v_total := jsonb_array_length(payload -> 'products');
    return jsonb_build_object('tenant_id', v_tenant, 'changed_count', v_changed, 'unchanged_count', v_total - v_changed);
end
$$;

create or replace function public.set_products(payload jsonb) returns jsonb
    language sql
    set search_path = ''
as $$
    select frontdesk.set_products(payload)
$$;

comment on function public.set_products(jsonb) is
    'Put products on a tenant''s price list, or change them: {tenant_id?, products: [{sku, name, unit_price, currency? (the '
    'tenant''s), is_active? (true)}]}, up to 1000, all of them or none. unit_price is a number or a text such as "12.50". One '
    'that is not active is not sold; orders keep the price they were made at. Returns {tenant_id, changed_count, '
    'unchanged_count}. For the tenant''s owners and admins, and the service. 403 administrator_required; 404 tenant_not_found; '
    '422 invalid_input.';

revoke execute on function frontdesk.set_products(jsonb), public.set_products(jsonb)
from public, anon, authenticated, service_role;
grant execute on function frontdesk.set_products(jsonb), public.set_products(jsonb) to authenticated, service_role;
