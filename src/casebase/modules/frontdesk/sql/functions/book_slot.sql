-- Definer: a slot is locked and holds that ran out are freed, which people are granted no write for.
create or replace function frontdesk.book_slot(payload jsonb) returns jsonb
    language plpgsql security definer
    set search_path = ''
as $$
declare
    v_tenant uuid;
    v_user uuid;
    v_booking public.bookings;
begin
    perform casebase.require_valid(payload, '{
        "type": "object",
        "required": ["slot_id", "user_name", "user_email"],
        "properties": {
            "tenant_id": {"type": "string", "format": "uuid"},
            "slot_id": {"type": "string", "minLength": 1, "maxLength": 200},
            "user_name": {"type": "string", "minLength": 1, "maxLength": 200, "pattern": "[^[:space:]]"},
            "user_email": {"type": "string", "format": "email"},
            "user_id": {"type": ["string", "null"], "format": "uuid"},
            "is_confirmed": {"type": "boolean"},
            "resource": {"type": "string", "minLength": 1, "maxLength": 100},
            "starts_at": {"type": "string", "format": "date-time"},
            "ends_at": {"type": "string", "format": "date-time"},
            "is_listed": {"type": "boolean"}
        }
    }');
    v_tenant := frontdesk.acting_tenant((payload ->> 'tenant_id')::uuid);
    -- Whose account it is may read and cancel it for good, so it is nobody's unless it is said.
    v_user := (payload ->> 'user_id')::uuid;
    if v_user is distinct from auth.uid() and v_user is not null and not frontdesk.is_administrator(v_tenant) then
        perform casebase.fail(403, 'administrator_required', '{"field": "user_id"}', 'Leave user_id out, or null.');
    elsif v_user is not null and not exists (select from auth.users u where u.id = v_user) then
        perform casebase.fail(404, 'user_not_found', '{"field": "user_id"}');
    elsif (payload ->> 'starts_at')::timestamptz >= (payload ->> 'ends_at')::timestamptz
          or (payload ->> 'ends_at')::timestamptz - (payload ->> 'starts_at')::timestamptz > interval '7 days'
          or payload ? 'starts_at' <> (payload ? 'ends_at') then
        perform casebase.fail(422, 'invalid_input', jsonb_build_object('errors', jsonb_build_array(
            casebase.validation_error('ends_at', 'range', 'must come with starts_at, and be after it, by 7 days at most'))));
    elsif (payload ->> 'starts_at')::timestamptz < '2000-01-01Z' or (payload ->> 'ends_at')::timestamptz >= '2200-01-01Z' then
        perform casebase.fail(422, 'invalid_input', jsonb_build_object('errors', jsonb_build_array(
            casebase.validation_error('starts_at', 'range', 'must lie between the years 2000 and 2199'))));
    end if;
    perform frontdesk.lock_slot_id(v_tenant, payload ->> 'slot_id');
    -- Locked as it is found, so that it stays until it is booked.
    if (payload ->> 'is_listed')::boolean then
        perform from public.slots s
        where s.tenant_id = v_tenant and s.slot_id = payload ->> 'slot_id'
        for no key update;
        if not found then
            perform casebase.fail(404, 'slot_not_found', '{"field": "slot_id"}', 'Ask list_available_slots for one that is free.');
        end if;
    end if;
    insert into public.bookings (
        tenant_id, slot_id, user_id, user_name, user_email, status, resource, starts_at, ends_at)
    values (
        v_tenant, payload ->> 'slot_id', v_user, btrim(payload ->> 'user_name'), payload ->> 'user_email',
        case when (payload ->> 'is_confirmed')::boolean then 'confirmed' else 'pending' end,
        payload ->> 'resource', (payload ->> 'starts_at')::timestamptz, (payload ->> 'ends_at')::timestamptz)
    on conflict (tenant_id, slot_id, place) where status <> 'cancelled' do nothing
    returning * into v_booking;
    if v_booking.id is null then
        perform casebase.fail(409, 'slot_unavailable', '{"field": "slot_id"}', 'Ask list_available_slots for one that is free.');
    end if;
    return frontdesk.booking_json(v_booking);
end
$$;

create or replace function public.book_slot(payload jsonb) returns jsonb
    language sql
    set search_path = ''
as $$
    select frontdesk.book_slot(payload)
$$;

comment on function public.book_slot(jsonb) is
    'Take a slot for somebody: {tenant_id?, slot_id, user_name, user_email, user_id? (whose account may read and cancel it; '
    'nobody''s without it; members give their own, administrators and the service anybody''s), is_confirmed? (false: a hold '
    'until hold_expires_at), resource?, starts_at?, ends_at? (for a slot that is not in public.slots), is_listed? (true: '
    'refuse such a slot, for who books what a calendar showed)}. Returns {booking_id, tenant_id, slot_id, status, place, '
    'resource, starts_at, ends_at, hold_expires_at, cancelled_at, cancel_reason, created_at}. For the tenant''s members and '
    'the service. 403 administrator_required; 404 tenant_not_found, user_not_found, slot_not_found; 409 slot_unavailable, '
    'slot_past; 422 invalid_input.';

revoke execute on function frontdesk.book_slot(jsonb), public.book_slot(jsonb) from public, anon, authenticated, service_role;
grant execute on function frontdesk.book_slot(jsonb), public.book_slot(jsonb) to authenticated, service_role;
