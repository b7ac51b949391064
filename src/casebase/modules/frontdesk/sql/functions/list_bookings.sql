-- Definer: one page of one tenant, by its index, however many rows the policy would let through. Planned for the filters that
-- are given.
create or replace function frontdesk.list_bookings(payload jsonb) returns jsonb
    language plpgsql stable security definer
    set search_path = ''
    set plan_cache_mode = force_custom_plan
    set jit = off
as $$
declare
    v_tenant uuid;
    v_size int;
    v_from timestamptz;
    v_until timestamptz;
    v_status constant text := payload ->> 'status';
    v_resource constant text := payload ->> 'resource';
    v_after record;
    v_bookings public.bookings[];
    v_next public.bookings;
    v_is_newest_first boolean;
begin
    perform casebase.require_valid(coalesce(payload, '{}'), '{
        "type": "object",
        "properties": {
            "tenant_id": {"type": "string", "format": "uuid"},
            "from": {"type": "string", "format": "date-time"},
            "until": {"type": "string", "format": "date-time"},
            "status": {"type": "string", "enum": ["pending", "confirmed", "cancelled"]},
            "resource": {"type": "string", "minLength": 1, "maxLength": 100},
            "cursor": {"type": "string", "maxLength": 200, "pattern": "^([0-9a-f]{2})+$", "description": "must be a next_cursor"},
            "page_size": {"type": "integer", "minimum": 1, "maximum": 200}
        }
    }');
    v_tenant := frontdesk.acting_tenant((payload ->> 'tenant_id')::uuid);
    v_size := coalesce((payload ->> 'page_size')::numeric::int, 50);
    v_is_newest_first := payload ->> 'from' is null and payload ->> 'until' is null;
    v_from := coalesce((payload ->> 'from')::timestamptz, '-infinity');
    v_until := coalesce((payload ->> 'until')::timestamptz, 'infinity');
    select c.at, c.id into strict v_after from casebase.read_cursor(payload ->> 'cursor') c;

    -- One row more than asked for tells whether there is a next page, and where it begins.
    if v_is_newest_first then
        v_bookings := array(
            select b from public.bookings b
            where b.tenant_id = v_tenant
              and (v_status is null or b.status = v_status)
              and (v_resource is null or b.resource = v_resource)
              and (v_after.id is null or (b.created_at, b.id) <= (v_after.at, v_after.id))
            order by b.created_at desc, b.id desc
            limit v_size + 1);
    else
        v_bookings := array(
            select b from public.bookings b
            where b.tenant_id = v_tenant
              and b.starts_at >= v_from and b.starts_at < v_until
              and (v_status is null or b.status = v_status)
              and (v_resource is null or b.resource = v_resource)
              and (v_after.id is null or (b.starts_at, b.id) >= (v_after.at, v_after.id))
            order by b.starts_at, b.id
            limit v_size + 1);
    end if;
    v_next := v_bookings[v_size + 1];
    return jsonb_build_object(
        'items', (
            select coalesce(jsonb_agg(frontdesk.booking_details(v_bookings[n]) order by n), '[]')
            from generate_subscripts(v_bookings[:v_size], 1) n),
        'next_cursor', casebase.write_cursor(
            case when v_is_newest_first then v_next.created_at else v_next.starts_at end, v_next.id));
end
$$;

create or replace function public.list_bookings(payload jsonb) returns jsonb
    language sql stable
    set search_path = ''
as $$
    select frontdesk.list_bookings(payload)
$$;

comment on function public.list_bookings(jsonb) is
    'A page of a tenant''s bookings: {tenant_id?, from?, until?, status? (pending, confirmed, cancelled), resource?, cursor?, '
    'page_size? (50, at most 200)}. With from or until those that begin then, in the order of their time; without, all, the '
    'newest first. Returns {items: [what get_booking returns], next_cursor}. For the tenant''s members and the service. 404 '
    'tenant_not_found; 422 invalid_input.';

revoke execute on function frontdesk.list_bookings(jsonb), public.list_bookings(jsonb)
from public, anon, authenticated, service_role;
grant execute on function frontdesk.list_bookings(jsonb), public.list_bookings(jsonb) to authenticated, service_role;
