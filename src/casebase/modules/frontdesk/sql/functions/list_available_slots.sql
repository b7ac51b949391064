-- Definer: counts the bookings of a day by the index that keeps a slot from being taken twice.
create or replace function frontdesk.list_available_slots(tenant_id uuid, on_date date) returns jsonb
    language plpgsql stable security definer
    set search_path = ''
    set jit = off
as $$
declare
    v_now constant timestamptz := casebase.now();
    v_tenant constant uuid := frontdesk.acting_tenant(tenant_id);
    v_day record;
    v_reply jsonb;
begin
    select * into strict v_day from frontdesk.day_of(v_tenant, on_date);
    with coming as (
        select s.slot_id, s.resource, s.starts_at, s.ends_at, s.capacity, taken.hold_expires_at,
               s.capacity - taken.count as free
        from public.slots s
        cross join lateral (
            select count(*) filter (where b.status = 'confirmed' or b.hold_expires_at > v_now) as count,
                   min(b.hold_expires_at) filter (where b.hold_expires_at > v_now) as hold_expires_at
            from public.bookings b
            where b.tenant_id = s.tenant_id and b.slot_id = s.slot_id and b.status <> 'cancelled'
        ) taken
        where s.tenant_id = v_tenant and s.starts_at >= v_day.begins_at and s.starts_at < v_day.ends_at
          and s.starts_at > v_now
    )
    select jsonb_build_object(
        'tenant_id', v_tenant, 'on_date', on_date, 'time_zone', v_day.time_zone,
        'slots', coalesce(jsonb_agg(jsonb_build_object(
            'slot_id', c.slot_id, 'resource', c.resource, 'starts_at', c.starts_at, 'ends_at', c.ends_at,
            'capacity', c.capacity, 'free', c.free) order by c.starts_at, c.resource, c.slot_id) filter (where c.free > 0), '[]'),
        -- Nobody writes when a hold runs out or a slot's time comes.
        'fresh_until', least(v_now + interval '5 minutes', min(c.hold_expires_at), min(c.starts_at)))
    into v_reply
    from coming c;
    return v_reply;
end
$$;

create or replace function public.list_available_slots(tenant_id uuid, on_date date) returns jsonb
    language sql stable
    set search_path = ''
as $$
    select frontdesk.list_available_slots(tenant_id, on_date)
$$;

comment on function public.list_available_slots(uuid, date) is
    'The slots that begin on a day of the tenant''s time zone, are to come and have a free place: {tenant_id, on_date, '
    'time_zone, slots: [{slot_id, resource, starts_at, ends_at, capacity, free}], fresh_until}. It holds until something is '
    'written (see get_availability_version) and no longer than fresh_until: five minutes, or until a hold runs out or a slot '
    'begins. tenant_id may be null for who belongs to one. For the tenant''s members and the service. 404 tenant_not_found; 422 '
    'invalid_input.';

revoke execute on function frontdesk.list_available_slots(uuid, date), public.list_available_slots(uuid, date)
from public, anon, authenticated, service_role;
grant execute on function frontdesk.list_available_slots(uuid, date), public.list_available_slots(uuid, date)
to authenticated, service_role;
