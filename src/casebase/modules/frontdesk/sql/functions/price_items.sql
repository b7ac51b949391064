create or replace function frontdesk.price_items(tenant_id uuid, currency text, items jsonb) returns jsonb
    language plpgsql stable
    set search_path = ''
as $$
declare
    v_units constant int := frontdesk.minor_units(currency, 'currency');
    v_errors jsonb;
    v_unknown jsonb;
    v_items jsonb;
    v_total numeric;
begin
    select jsonb_agg(e.error order by i.ordinality) into v_errors
    from jsonb_array_elements(items) with ordinality i
    cross join lateral (select format('items[%s].', i.ordinality - 1) as field) f
    cross join lateral (select case
        when i.value ->> 'unit_price' is null and i.value ->> 'name' is not null then
            casebase.validation_error(f.field || 'unit_price', 'required', 'is needed for what is not on the price list')
        when i.value ->> 'unit_price' is null and i.value ->> 'sku' is null then
            casebase.validation_error(f.field || 'sku', 'required', 'is missing')
        when i.value ->> 'unit_price' is not null and i.value ->> 'name' is null then
            casebase.validation_error(f.field || 'name', 'required', 'is needed with a price of its own')
        when (i.value ->> 'unit_price')::numeric <> round((i.value ->> 'unit_price')::numeric, v_units) then
            casebase.validation_error(f.field || 'unit_price', 'decimals', format('must have at most %s decimals', v_units))
        end as error) e
    where e.error is not null;
    if v_errors is not null then
        perform casebase.fail(422, 'invalid_input', jsonb_build_object('errors', v_errors));
    end if;

    select
        jsonb_agg(jsonb_strip_nulls(jsonb_build_object(
            'sku', g.sku, 'name', coalesce(btrim(g.name), p.name), 'quantity', g.quantity, 'unit_price', a.unit_price,
            'amount', a.unit_price * g.quantity)) order by g.n),
        jsonb_agg(casebase.validation_error(
            format('items[%s].sku', g.n - 1), 'unknown', 'is nothing that is sold in this currency') order by g.n)
            filter (where a.unit_price is null),
        jsonb_agg(casebase.validation_error(
            format('items[%s].unit_price', g.n - 1), 'listed', 'is the price list''s for this sku: leave it out') order by g.n)
            filter (where g.unit_price is not null and p.sku is not null)
    into v_items, v_unknown, v_errors
    from (
        select i.ordinality as n, i.value ->> 'sku' as sku, i.value ->> 'name' as name,
               (i.value ->> 'quantity')::numeric::int as quantity, (i.value ->> 'unit_price')::numeric as unit_price
        from jsonb_array_elements(items) with ordinality i
    ) g
    left join public.products p
        on p.tenant_id = price_items.tenant_id and p.sku = g.sku and p.currency = price_items.currency and p.is_active
    cross join lateral (select round(coalesce(g.unit_price, p.unit_price), 2) as unit_price) a;
    if v_errors is not null then
        perform casebase.fail(422, 'invalid_input', jsonb_build_object('errors', v_errors));
    end if;
    if v_unknown is not null then
        perform casebase.fail(404, 'product_not_found', jsonb_build_object('errors', v_unknown));
    end if;

    v_total := frontdesk.items_total(v_items);
    if v_total <= 0 or v_total > 99999999.99 or octet_length(v_items::text) > 100000 then
        perform casebase.fail(422, 'invalid_input', jsonb_build_object('errors', jsonb_build_array(casebase.validation_error(
            'items', 'total', 'must come to more than 0 and less than 100 million, and to 100000 bytes'))));
    end if;
    return v_items;
end
$$;

comment on function frontdesk.price_items(uuid, text, jsonb) is
    'An order''s items as they are stored, each with its price and its amount; 404 product_not_found, 422 invalid_input.';

revoke execute on function frontdesk.price_items(uuid, text, jsonb) from public;
