create or replace function frontdesk.booking_details(booking public.bookings) returns jsonb
    language sql immutable
    set search_path = ''
as $$
    select frontdesk.booking_json(booking) || jsonb_build_object(
        'user_id', booking.user_id, 'user_name', booking.user_name, 'user_email', booking.user_email,
        'updated_at', booking.updated_at)
$$;

comment on function frontdesk.booking_details(public.bookings) is
    'A booking as reads tell it, with its customer; for replies that nobody keeps.';

revoke execute on function frontdesk.booking_details(public.bookings) from public;
