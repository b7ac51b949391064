-- place_booking takes a slot's row before it looks at the bookings, so a slot that changes meets every booking there is.
create or replace function frontdesk.guard_slot() returns trigger
    language plpgsql security definer
    set search_path = ''
as $$
declare
    v_highest int;
begin
    if (new.id, new.tenant_id, new.slot_id) is distinct from (old.id, old.tenant_id, old.slot_id) then
        perform casebase.fail(409, 'slot_immutable');
    end if;
    select max(b.place) into v_highest from public.bookings b
    where b.tenant_id = old.tenant_id and b.slot_id = old.slot_id and b.status <> 'cancelled';
    if v_highest > new.capacity then
        perform casebase.fail(409, 'slot_booked', '{"field": "capacity"}', 'Cancel or move bookings of the slot first.');
    elsif v_highest is not null
          and (new.resource, new.starts_at, new.ends_at) is distinct from (old.resource, old.starts_at, old.ends_at) then
        perform casebase.fail(409, 'slot_booked', '{"field": "starts_at"}', 'Cancel or move bookings of the slot first.');
    end if;
    return new;
end
$$;

comment on function frontdesk.guard_slot() is
    'Trigger: a slot keeps its name, and while bookings stand its time and the places that they have.';

revoke execute on function frontdesk.guard_slot() from public;
