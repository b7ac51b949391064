create or replace function frontdesk.require_standing(booking public.bookings) returns void
    language plpgsql stable
    set search_path = ''
as $$
begin
    -- The same whether it was freed already or not: nobody has to know when that is done.
    if booking.hold_expires_at <= casebase.now() or booking.cancel_reason = 'expired' then
        perform casebase.fail(409, 'hold_expired', '{"field": "booking_id"}', 'Book the slot again.');
    elsif booking.status = 'cancelled' then
        perform casebase.fail(409, 'booking_cancelled', '{"field": "booking_id"}', 'Book the slot again.');
    end if;
end
$$;

comment on function frontdesk.require_standing(public.bookings) is
    'Refuse to go on with a booking that keeps no place any more: 409 hold_expired, booking_cancelled.';

revoke execute on function frontdesk.require_standing(public.bookings) from public;
