-- Definer: people are granted no update of bookings.
create or replace function frontdesk.confirm_booking(booking_id uuid) returns jsonb
    language plpgsql security definer
    set search_path = ''
as $$
#variable_conflict use_variable
declare
    v_booking public.bookings;
    v_is_repeated boolean;
begin
    v_booking := frontdesk.take_booking(booking_id);
    if not frontdesk.is_desk(v_booking.tenant_id) then
        perform casebase.fail(403, 'member_required', '{"field": "booking_id"}', 'Who booked it does not confirm it.');
    end if;
    v_is_repeated := v_booking.status = 'confirmed';
    if not v_is_repeated then
        perform frontdesk.require_standing(v_booking);
        update public.bookings b set status = 'confirmed' where b.id = booking_id returning * into v_booking;
    end if;
    return frontdesk.booking_json(v_booking) || jsonb_build_object('is_repeated', v_is_repeated);
end
$$;

create or replace function public.confirm_booking(booking_id uuid) returns jsonb
    language sql
    set search_path = ''
as $$
    select frontdesk.confirm_booking(booking_id)
$$;

comment on function public.confirm_booking(uuid) is
    'Keep a hold for good, before it expires. Returns the booking as book_slot does, and is_repeated, which is true for one '
    'that was confirmed before. For the tenant''s members and the service. 403 member_required; 404 booking_not_found; 409 '
    'hold_expired, booking_cancelled.';

revoke execute on function frontdesk.confirm_booking(uuid), public.confirm_booking(uuid)
from public, anon, authenticated, service_role;
grant execute on function frontdesk.confirm_booking(uuid), public.confirm_booking(uuid) to authenticated, service_role;
