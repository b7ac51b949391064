-- Definer: people are granted no update of bookings. One statement moves the booking, so it has its old slot or its new one.
create or replace function frontdesk.reschedule_booking(booking_id uuid, slot_id text, is_listed boolean) returns jsonb
    language plpgsql security definer
    set search_path = ''
as $$
#variable_conflict use_variable
declare
    v_booking public.bookings;
    v_slot public.slots;
    v_is_repeated boolean;
begin
    perform casebase.require_valid(jsonb_build_object('slot_id', slot_id), '{
        "type": "object",
        "required": ["slot_id"],
        "properties": {"slot_id": {"type": "string", "minLength": 1, "maxLength": 200}}
    }');
    v_booking := frontdesk.take_booking(booking_id);
    perform frontdesk.require_standing(v_booking);
    perform frontdesk.require_coming(v_booking);
    v_is_repeated := v_booking.slot_id = slot_id;
    if not v_is_repeated then
        -- In the order of who books: the booking, the slot's name and the slot; place_booking goes on with old holds and days.
        perform frontdesk.lock_slot_id(v_booking.tenant_id, slot_id);
        select * into v_slot from public.slots s
        where s.tenant_id = v_booking.tenant_id and s.slot_id = slot_id
        for no key update;
        -- Of any other text no time is known, at which it would be past, nor whose calendar it stands in: the desk's to choose.
        if v_slot.id is null and (is_listed or not frontdesk.is_desk(v_booking.tenant_id)) then
            perform casebase.fail(404, 'slot_not_found', '{"field": "slot_id"}', 'Ask the desk what is free.');
        end if;
        -- Seen rather than met in the index: two that swap would wait there for each other.
        if v_slot.id is null and exists (
            select from public.bookings b
            where b.tenant_id = v_booking.tenant_id and b.slot_id = slot_id
              and (b.status = 'confirmed' or b.hold_expires_at > casebase.now())
        ) then
            perform casebase.fail(409, 'slot_unavailable', '{"field": "slot_id"}', 'Ask list_available_slots for one that is free.');
        end if;
        -- The time of a slot that is not in public.slots is not known: the old one's is not its.
        update public.bookings b set slot_id = slot_id, resource = null, starts_at = null, ends_at = null
        where b.id = booking_id
        returning * into v_booking;
    end if;
    return frontdesk.booking_json(v_booking) || jsonb_build_object('is_repeated', v_is_repeated);
exception
    -- Of a slot that is not in public.slots, which a direct insert does not lock.
    when unique_violation then
        perform casebase.fail(409, 'slot_unavailable', '{"field": "slot_id"}', 'Ask list_available_slots for one that is free.');
        return null;
end
$$;

create or replace function public.reschedule_booking(booking_id uuid, slot_id text, is_listed boolean default false) returns jsonb
    language sql
    set search_path = ''
as $$
    select frontdesk.reschedule_booking(booking_id, slot_id, is_listed)
$$;

comment on function public.reschedule_booking(uuid, text, boolean) is
    'Move a booking, confirmed or a hold, to another slot: it has the new one, or on any refusal keeps the old one. A hold '
    'expires when it would have. Returns the booking as book_slot does, and is_repeated, which is true for one that was in the '
    'slot before. For the tenant''s members and the service; for whose booking it is, until its time comes. is_listed (true: '
    'refuse a slot that is not in public.slots, for who moves to what a calendar showed) holds for them always. 404 booking_not_found, slot_not_found; 409 slot_unavailable, slot_past, hold_expired, '
    'booking_cancelled, booking_past; 422 invalid_input.';

revoke execute on function frontdesk.reschedule_booking(uuid, text, boolean), public.reschedule_booking(uuid, text, boolean)
from public, anon, authenticated, service_role;
grant execute on function frontdesk.reschedule_booking(uuid, text, boolean), public.reschedule_booking(uuid, text, boolean)
to authenticated, service_role;
