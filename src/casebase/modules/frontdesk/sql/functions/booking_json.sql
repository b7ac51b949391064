create or replace function frontdesk.booking_json(booking public.bookings) returns jsonb
    language sql immutable
    set search_path = ''
as $$
    select jsonb_build_object(
        'booking_id', booking.id, 'tenant_id', booking.tenant_id, 'slot_id', booking.slot_id, 'status', booking.status,
        'place', booking.place, 'resource', booking.resource, 'starts_at', booking.starts_at, 'ends_at', booking.ends_at,
        'hold_expires_at', booking.hold_expires_at, 'cancelled_at', booking.cancelled_at,
        'cancel_reason', booking.cancel_reason, 'created_at', booking.created_at)
$$;

comment on function frontdesk.booking_json(public.bookings) is 'A booking as replies tell it: without its customer, as replies are kept.';

revoke execute on function frontdesk.booking_json(public.bookings) from public;
