-- A stranger is told the same of a booking that is not theirs and of one that does not exist.
create or replace function frontdesk.find_booking(booking_id uuid) returns public.bookings
    language plpgsql stable
    set search_path = ''
as $$
declare
    v_booking public.bookings;
begin
    select * into v_booking from public.bookings b where b.id = find_booking.booking_id;
    if v_booking.id is null
       or not frontdesk.is_desk(v_booking.tenant_id) and not coalesce(v_booking.user_id = auth.uid(), false) then
        perform casebase.fail(404, 'booking_not_found', '{"field": "booking_id"}');
    end if;
    return v_booking;
end
$$;

comment on function frontdesk.find_booking(uuid) is
    'A booking that the caller may see: a member of its tenant, its customer, the service; 404 booking_not_found else.';

revoke execute on function frontdesk.find_booking(uuid) from public;
