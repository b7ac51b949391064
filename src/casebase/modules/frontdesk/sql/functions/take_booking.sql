-- Found before it is locked: a stranger who names it keeps nobody waiting.
create or replace function frontdesk.take_booking(booking_id uuid) returns public.bookings
    language plpgsql
    set search_path = ''
as $$
declare
    v_booking public.bookings := frontdesk.find_booking(booking_id);
begin
    select * into v_booking from public.bookings b where b.id = take_booking.booking_id for no key update;
    return v_booking;
end
$$;

comment on function frontdesk.take_booking(uuid) is
    'A booking that the caller may change, locked and as the last change left it; 404 booking_not_found else.';

revoke execute on function frontdesk.take_booking(uuid) from public;
