-- Definer: as list_bookings, by the index of one's own.
create or replace function frontdesk.list_my_bookings(cursor text, page_size int) returns jsonb
    language plpgsql stable security definer
    set search_path = ''
    set plan_cache_mode = force_custom_plan
as $$
#variable_conflict use_variable
declare
    v_after record;
    v_bookings public.bookings[];
    v_next public.bookings;
begin
    perform casebase.require_valid(jsonb_build_object('cursor', cursor, 'page_size', page_size), '{
        "type": "object",
        "required": ["page_size"],
        "properties": {
            "cursor": {"type": "string", "maxLength": 200, "pattern": "^([0-9a-f]{2})+$", "description": "must be a next_cursor"},
            "page_size": {"type": "integer", "minimum": 1, "maximum": 200}
        }
    }');
    select coalesce(c.at, 'infinity') as at, coalesce(c.id, 'ffffffff-ffff-ffff-ffff-ffffffffffff') as id
    into strict v_after from casebase.read_cursor(cursor) c;
    -- One row more than asked for tells whether there is a next page, and where it begins.
    v_bookings := array(
        select b from public.bookings b
        where b.user_id = auth.uid() and (b.created_at, b.id) <= (v_after.at, v_after.id)
        order by b.created_at desc, b.id desc
        limit page_size + 1);
    v_next := v_bookings[page_size + 1];
    return jsonb_build_object(
        'items', (
            select coalesce(jsonb_agg(frontdesk.booking_details(v_bookings[n]) order by n), '[]')
            from generate_subscripts(v_bookings[:page_size], 1) n),
        'next_cursor', casebase.write_cursor(v_next.created_at, v_next.id));
end
$$;

create or replace function public.list_my_bookings(cursor text default null, page_size int default 50) returns jsonb
    language sql stable
    set search_path = ''
as $$
    select frontdesk.list_my_bookings(cursor, page_size)
$$;

comment on function public.list_my_bookings(text, int) is
    'A page of the caller''s own bookings, at whichever tenant, the newest first; at most 200: {items: [what get_booking '
    'returns], next_cursor}. For people. 422 invalid_input.';

revoke execute on function frontdesk.list_my_bookings(text, int), public.list_my_bookings(text, int)
from public, anon, authenticated, service_role;
grant execute on function frontdesk.list_my_bookings(text, int), public.list_my_bookings(text, int) to authenticated;
