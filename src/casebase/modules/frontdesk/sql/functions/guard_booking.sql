create or replace function frontdesk.guard_booking() returns trigger
    language plpgsql security definer
    set search_path = ''
as $$
declare
    v_now constant timestamptz := casebase.now();
begin
    if tg_op = 'UPDATE' then
        if (new.id, new.tenant_id, new.created_at) is distinct from (old.id, old.tenant_id, old.created_at) then
            perform casebase.fail(409, 'booking_immutable');
        elsif new.status <> old.status and (old.status = 'cancelled' or new.status = 'pending') then
            perform casebase.fail(409, 'booking_' || old.status);
        elsif old.status = 'cancelled' and new.slot_id <> old.slot_id then
            perform casebase.fail(409, 'booking_cancelled');
        end if;
    end if;
    if new.status = 'pending' then
        new.hold_expires_at := coalesce(
            new.hold_expires_at, v_now + make_interval(mins => (frontdesk.settings_of(new.tenant_id)).hold_minutes));
    else
        new.hold_expires_at := null;
    end if;
    if new.status = 'cancelled' then
        new.cancelled_at := coalesce(new.cancelled_at, v_now);
        new.cancel_reason := coalesce(new.cancel_reason, 'cancelled');
    end if;
    return new;
end
$$;

comment on function frontdesk.guard_booking() is
    'Trigger: pending, then confirmed, then cancelled, and never back; a booking stays its tenant''s.';

revoke execute on function frontdesk.guard_booking() from public;
