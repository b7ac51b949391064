-- Definer: nobody is granted a write of slots.
create or replace function frontdesk.remove_slot(tenant_id uuid, slot_id text) returns jsonb
    language plpgsql security definer
    set search_path = ''
as $$
#variable_conflict use_variable
declare
    v_tenant constant uuid := frontdesk.administered_tenant(tenant_id);
    v_slot public.slots;
begin
    -- Whoever books it has it locked as well, so there is a booking, or there will be none.
    select * into v_slot from public.slots s where s.tenant_id = v_tenant and s.slot_id = slot_id for update;
    if v_slot.id is null then
        perform casebase.fail(404, 'slot_not_found', '{"field": "slot_id"}');
    end if;
    perform frontdesk.free_expired_holds(v_tenant, array[slot_id]);
    if exists (
        select from public.bookings b where b.tenant_id = v_tenant and b.slot_id = slot_id and b.status <> 'cancelled') then
        perform casebase.fail(409, 'slot_booked', '{"field": "slot_id"}', 'Cancel or move bookings of the slot first.');
    end if;
    delete from public.slots s where s.id = v_slot.id;
    return jsonb_build_object('tenant_id', v_tenant, 'slot_id', slot_id);
end
$$;

create or replace function public.remove_slot(tenant_id uuid, slot_id text) returns jsonb
    language sql
    set search_path = ''
as $$
    select frontdesk.remove_slot(tenant_id, slot_id)
$$;

comment on function public.remove_slot(uuid, text) is
    'Take back a slot that nobody has booked; bookings of it that were cancelled stay. Returns {tenant_id, slot_id}. tenant_id '
    'may be null for who administers one. For administrators of the tenant, and the service. 403 administrator_required; 404 '
    'tenant_not_found, slot_not_found; 409 slot_booked.';

revoke execute on function frontdesk.remove_slot(uuid, text), public.remove_slot(uuid, text)
from public, anon, authenticated, service_role;
grant execute on function frontdesk.remove_slot(uuid, text), public.remove_slot(uuid, text) to authenticated, service_role;
