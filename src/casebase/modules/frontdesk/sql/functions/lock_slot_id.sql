-- A slot of public.slots has a row to lock; of any other text its name is all there is.
create or replace function frontdesk.lock_slot_id(tenant_id uuid, slot_id text) returns void
    language sql
    set search_path = ''
as $$
    select pg_catalog.pg_advisory_xact_lock(
        pg_catalog.hashtextextended('frontdesk.slot ' || lock_slot_id.tenant_id || ' ' || lock_slot_id.slot_id, 0))
$$;

comment on function frontdesk.lock_slot_id(uuid, text) is
    'Wait until nobody else books or moves to a slot, listed or not; until the transaction ends.';

revoke execute on function frontdesk.lock_slot_id(uuid, text) from public;
