create or replace function frontdesk.free_expired_holds(tenant_id uuid, slot_ids text[]) returns void
    language sql
    set search_path = ''
as $$
    update public.bookings b set status = 'cancelled', cancelled_at = casebase.now(), cancel_reason = 'expired'
    where b.tenant_id = free_expired_holds.tenant_id and b.slot_id = any (slot_ids)
      and b.status = 'pending' and b.hold_expires_at <= casebase.now()
$$;

comment on function frontdesk.free_expired_holds(uuid, text[]) is
    'Give the places of holds that nobody confirmed in time back; one that is being confirmed is waited for.';

revoke execute on function frontdesk.free_expired_holds(uuid, text[]) from public;
