create or replace function frontdesk.lock_expired_holds(tenant_id uuid, slot_ids text[]) returns public.bookings[]
    language plpgsql
    set search_path = ''
as $$
begin
    return array(
        select b from public.bookings b
        where b.tenant_id = lock_expired_holds.tenant_id and b.slot_id = any (slot_ids)
          and b.status = 'pending' and b.hold_expires_at <= casebase.now()
        order by b.id
        for no key update);
end
$$;

comment on function frontdesk.lock_expired_holds(uuid, text[]) is
    'The holds that ran out, once nobody else confirms or frees them: their days are counted with those of what takes their '
    'places, and they are freed after.';

revoke execute on function frontdesk.lock_expired_holds(uuid, text[]) from public;
