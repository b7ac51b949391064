create or replace function frontdesk.lock_expired_holds(tenant_id uuid, slot_ids text[]) returns void
    language plpgsql
    set search_path = ''
as $$
begin
    perform from public.bookings b
    where b.tenant_id = lock_expired_holds.tenant_id and b.slot_id = any (slot_ids)
      and b.status = 'pending' and b.hold_expires_at <= casebase.now()
    order by b.id
    for no key update;
end
$$;

comment on function frontdesk.lock_expired_holds(uuid, text[]) is
    'Wait for who confirms or frees holds that ran out, before days are counted that they count too.';

revoke execute on function frontdesk.lock_expired_holds(uuid, text[]) from public;
