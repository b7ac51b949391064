-- Definer: who may read is asked once, before the rows are.
create or replace function frontdesk.list_products(payload jsonb) returns jsonb
    language plpgsql stable security definer
    set search_path = ''
    set plan_cache_mode = force_custom_plan
as $$
declare
    v_size int;
    v_tenant uuid;
    v_currency constant text := payload ->> 'currency';
    v_is_active boolean;
    v_after text[];
    v_products public.products[];
    v_next public.products;
begin
    perform casebase.require_valid(coalesce(payload, '{}'), '{
        "type": "object",
        "properties": {
            "tenant_id": {"type": "string", "format": "uuid"},
            "currency": {"type": "string", "pattern": "^[A-Z]{3}$", "description": "must be a code of ISO 4217"},
            "is_active": {"type": "boolean"},
            "cursor": {"type": "string", "maxLength": 200, "pattern": "^([0-9a-f]{2})+$", "description": "must be a next_cursor"},
            "page_size": {"type": "integer", "minimum": 1, "maximum": 200}
        }
    }');
    v_tenant := frontdesk.acting_tenant((payload ->> 'tenant_id')::uuid);
    v_is_active := (payload ->> 'is_active')::boolean;
    v_size := coalesce((payload ->> 'page_size')::numeric::int, 50);
    -- By its own kind of cursor: people look for a product by its code, not by when it came. Whatever bytes are sent, escaped
    -- they are a text; one that no list gave out is only a place in the alphabet.
    v_after := string_to_array(encode(decode(coalesce(payload ->> 'cursor', ''), 'hex'), 'escape'), '|');

    v_products := array(
        select p from public.products p
        where p.tenant_id = v_tenant
          and (v_currency is null or p.currency = v_currency)
          and (v_is_active is null or p.is_active = v_is_active)
          and (p.sku, p.currency) >= (coalesce(v_after[1], ''), coalesce(v_after[2], ''))
        order by p.sku, p.currency
        limit v_size + 1);
    v_next := v_products[v_size + 1];
    return jsonb_build_object(
        'items', (
            select coalesce(jsonb_agg(jsonb_build_object(
                'sku', p.sku, 'name', p.name, 'unit_price', p.unit_price, 'currency', p.currency, 'is_active', p.is_active,
                'created_at', p.created_at, 'updated_at', p.updated_at) order by p.sku, p.currency), '[]')
            from unnest(v_products[:v_size]) p),
        'next_cursor', encode(convert_to(v_next.sku || '|' || v_next.currency, 'UTF8'), 'hex'));
end
$$;

create or replace function public.list_products(payload jsonb) returns jsonb
    language sql stable
    set search_path = ''
as $$
    select frontdesk.list_products(payload)
$$;

comment on function public.list_products(jsonb) is
    'A page of a tenant''s price list, by sku: {tenant_id?, currency?, is_active?, cursor?, page_size? (50, at most 200)} gives '
    '{items: [{sku, name, unit_price, currency, is_active, created_at, updated_at}], next_cursor}. For the tenant''s members and '
    'the service. 404 tenant_not_found; 422 invalid_input.';

revoke execute on function frontdesk.list_products(jsonb), public.list_products(jsonb)
from public, anon, authenticated, service_role;
grant execute on function frontdesk.list_products(jsonb), public.list_products(jsonb) to authenticated, service_role;
