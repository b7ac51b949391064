-- Definer: the time zone is of settings that members are granted nothing of.
create or replace function frontdesk.get_booking_calendar(payload jsonb) returns jsonb
    language plpgsql stable security definer
    set search_path = ''
as $$
declare
    v_most constant int := 2000;
    v_now constant timestamptz := casebase.now();
    v_tenant uuid;
    v_zone text;
    v_from timestamptz;
    v_until timestamptz;
    v_slots jsonb;
    v_unlisted jsonb;
begin
    perform casebase.require_valid(payload, '{
        "type": "object",
        "required": ["from_day", "to_day"],
        "properties": {
            "tenant_id": {"type": "string", "format": "uuid"},
            "from_day": {"type": "string", "format": "date"},
            "to_day": {"type": "string", "format": "date"},
            "resource": {"type": "string", "minLength": 1, "maxLength": 100}
        }
    }');
    if (payload ->> 'to_day')::date - (payload ->> 'from_day')::date not between 0 and 30 then
        perform casebase.fail(422, 'invalid_input', jsonb_build_object('errors', jsonb_build_array(
            casebase.validation_error('to_day', 'range', 'must be from_day or one of the 30 days after it'))));
    elsif (payload ->> 'from_day')::date < '2000-01-01' or (payload ->> 'to_day')::date >= '2200-01-01' then
        perform casebase.fail(422, 'invalid_input', jsonb_build_object('errors', jsonb_build_array(
            casebase.validation_error('from_day', 'range', 'must lie between 2000 and 2199'))));
    end if;
    v_tenant := frontdesk.acting_tenant((payload ->> 'tenant_id')::uuid);
    v_zone := (frontdesk.settings_of(v_tenant)).time_zone;
    v_from := frontdesk.first_moment_of((payload ->> 'from_day')::date, v_zone);
    v_until := frontdesk.first_moment_of((payload ->> 'to_day')::date + 1, v_zone);
    -- No slot is longer than seven days, so the index finds also those that began before.
    select coalesce(jsonb_agg(jsonb_build_object(
        'slot_id', s.slot_id, 'resource', s.resource, 'starts_at', s.starts_at, 'ends_at', s.ends_at,
        'capacity', s.capacity, 'free', greatest(s.capacity - coalesce(jsonb_array_length(b.taken), 0), 0),
        'bookings', coalesce(b.taken, '[]')) order by s.starts_at, s.resource, s.slot_id), '[]')
    into v_slots
    from (
        select * from public.slots s
        where s.tenant_id = v_tenant and s.starts_at >= v_from - interval '7 days' and s.starts_at < v_until
          and s.ends_at > v_from and s.resource = coalesce(payload ->> 'resource', s.resource)
        order by s.starts_at, s.resource, s.slot_id
        limit v_most + 1) s
    cross join lateral (
        select jsonb_agg(jsonb_build_object(
            'booking_id', b.id, 'status', b.status, 'user_name', b.user_name, 'hold_expires_at', b.hold_expires_at)
            order by b.place) as taken
        from public.bookings b
        where b.tenant_id = v_tenant and b.slot_id = s.slot_id and b.status <> 'cancelled'
          and (b.status = 'confirmed' or b.hold_expires_at > v_now)) b;
    select coalesce(jsonb_agg(jsonb_build_object(
        'booking_id', b.id, 'slot_id', b.slot_id, 'resource', b.resource, 'starts_at', b.starts_at, 'ends_at', b.ends_at,
        'status', b.status, 'user_name', b.user_name, 'hold_expires_at', b.hold_expires_at)
        order by b.starts_at, b.id), '[]')
    into v_unlisted
    from (
        select * from public.bookings b
        where b.tenant_id = v_tenant and b.starts_at >= v_from - interval '7 days' and b.starts_at < v_until
          and b.ends_at > v_from and b.status <> 'cancelled' and (b.status = 'confirmed' or b.hold_expires_at > v_now)
          and b.resource is not distinct from coalesce(payload ->> 'resource', b.resource)
          and not exists (select from public.slots s where s.tenant_id = v_tenant and s.slot_id = b.slot_id)
        order by b.starts_at, b.id
        limit v_most + 1) b;
    return jsonb_build_object(
        'tenant_id', v_tenant, 'time_zone', v_zone, 'from_day', payload -> 'from_day', 'to_day', payload -> 'to_day',
        'slots', v_slots - v_most, 'bookings', v_unlisted - v_most,
        'is_more', greatest(jsonb_array_length(v_slots), jsonb_array_length(v_unlisted)) > v_most);
end
$$;

create or replace function public.get_booking_calendar(payload jsonb) returns jsonb
    language sql stable
    set search_path = ''
as $$
    select frontdesk.get_booking_calendar(payload)
$$;

comment on function public.get_booking_calendar(jsonb) is
    'Everything of up to 31 days, past ones too, as a calendar shows it: {tenant_id?, from_day, to_day, resource?}, days '
    'being those of the tenant''s time zone. Returns {tenant_id, time_zone, from_day, to_day, slots: [{slot_id, resource, '
    'starts_at, ends_at, capacity, free, bookings: [{booking_id, status, user_name, hold_expires_at}]}], bookings: [{…, '
    'slot_id, resource, starts_at, ends_at}] of no slot in public.slots, is_more}: the first 2,000 slots and the first '
    '2,000 of such bookings; is_more, where there are more of either. Holds that ran out are free. For the tenant''s members '
    'and the service. 404 tenant_not_found; 422 invalid_input.';

revoke execute on function frontdesk.get_booking_calendar(jsonb), public.get_booking_calendar(jsonb)
from public, anon, authenticated, service_role;
grant execute on function frontdesk.get_booking_calendar(jsonb), public.get_booking_calendar(jsonb)
to authenticated, service_role;
