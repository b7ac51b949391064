-- Definer: one way to tell who may see a booking, for reads and changes.
create or replace function frontdesk.get_booking(booking_id uuid) returns jsonb
    language plpgsql stable security definer
    set search_path = ''
as $$
begin
    return frontdesk.booking_details(frontdesk.find_booking(booking_id));
end
$$;

create or replace function public.get_booking(booking_id uuid) returns jsonb
    language sql stable
    set search_path = ''
as $$
    select frontdesk.get_booking(booking_id)
$$;

comment on function public.get_booking(uuid) is
    'A booking with its customer: what book_slot returns, and {user_id, user_name, user_email, updated_at}. For who booked it, '
    'the tenant''s members and the service. 404 booking_not_found.';

revoke execute on function frontdesk.get_booking(uuid), public.get_booking(uuid)
from public, anon, authenticated, service_role;
grant execute on function frontdesk.get_booking(uuid), public.get_booking(uuid) to authenticated, service_role;
