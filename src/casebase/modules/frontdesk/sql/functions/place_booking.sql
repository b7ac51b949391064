-- Definer: who may book need not be able to change slots, nor holds of others that ran out.
create or replace function frontdesk.place_booking() returns trigger
    language plpgsql security definer
    set search_path = ''
as $$
declare
    v_now constant timestamptz := casebase.now();
    v_slot public.slots;
    v_holds public.bookings[];
begin
    -- Locked first, by all: who books one slot does so one at a time, and each sees what the last one took.
    select * into v_slot from public.slots s
    where s.tenant_id = new.tenant_id and s.slot_id = new.slot_id
    for no key update;
    -- A hold that nobody confirmed in time gives its place back to whoever wants it.
    v_holds := frontdesk.lock_expired_holds(new.tenant_id, array[new.slot_id]);
    if cardinality(v_holds) > 0 then
        -- All days that this changes at once, in their order. Those of the holds first and the booking's after, two could wait
        -- for each other in a circle. On insert, old is null.
        perform frontdesk.count_changed_days(
            array_agg(c.tenant_id), array_agg(c.slot_id), array_agg(c.starts_at), array_agg(c.ends_at))
        from (
            select h.tenant_id, h.slot_id, h.starts_at, h.ends_at from unnest(v_holds) h
            union all
            select new.tenant_id, new.slot_id, new.starts_at, new.ends_at
            union all
            select old.tenant_id, old.slot_id, old.starts_at, old.ends_at) c;
        perform frontdesk.free_expired_holds(new.tenant_id, array[new.slot_id]);
    end if;
    if v_slot.id is null then
        new.place := 1;
        return new;
    end if;
    if v_slot.starts_at <= v_now then
        perform casebase.fail(409, 'slot_past', '{"field": "slot_id"}');
    end if;
    select min(n) into new.place
    from generate_series(1, v_slot.capacity) n
    where not exists (
        select from public.bookings b
        where b.tenant_id = new.tenant_id and b.slot_id = new.slot_id and b.place = n and b.status <> 'cancelled');
    if new.place is null then
        perform casebase.fail(409, 'slot_unavailable', '{"field": "slot_id"}', 'Ask list_available_slots for one that is free.');
    end if;
    new.resource := v_slot.resource;
    new.starts_at := v_slot.starts_at;
    new.ends_at := v_slot.ends_at;
    return new;
end
$$;

comment on function frontdesk.place_booking() is
    'Trigger: a booking takes the first free place of its slot, its time and its resource; 409 slot_unavailable, slot_past. '
    'A slot_id that is not in public.slots has one place.';

revoke execute on function frontdesk.place_booking() from public;
