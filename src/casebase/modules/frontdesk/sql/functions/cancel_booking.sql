-- Definer: nobody is granted an update of bookings; the specified policy for it let a booking be moved into another tenant
-- (DECISIONS 10).
create or replace function frontdesk.cancel_booking(booking_id uuid) returns jsonb
    language plpgsql security definer
    set search_path = ''
as $$
#variable_conflict use_variable
declare
    v_booking public.bookings;
    v_is_repeated boolean;
begin
    v_booking := frontdesk.take_booking(booking_id);
    v_is_repeated := v_booking.status = 'cancelled';
    if not v_is_repeated then
        perform frontdesk.require_coming(v_booking);
        update public.bookings b set status = 'cancelled' where b.id = booking_id returning * into v_booking;
    end if;
    return frontdesk.booking_json(v_booking) || jsonb_build_object('is_repeated', v_is_repeated);
end
$$;

create or replace function public.cancel_booking(booking_id uuid) returns jsonb
    language sql
    set search_path = ''
as $$
    select frontdesk.cancel_booking(booking_id)
$$;

comment on function public.cancel_booking(uuid) is
    'Give a booking''s place back; it is free at once. Returns the booking as book_slot does, and is_repeated, which is true '
    'for one that was cancelled, or had expired, before. For who booked it until its time comes, the tenant''s members and the '
    'service. 404 booking_not_found; 409 booking_past.';

revoke execute on function frontdesk.cancel_booking(uuid), public.cancel_booking(uuid)
from public, anon, authenticated, service_role;
grant execute on function frontdesk.cancel_booking(uuid), public.cancel_booking(uuid) to authenticated, service_role;
