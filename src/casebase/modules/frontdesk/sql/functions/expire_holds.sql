-- Definer: nobody is granted an update of bookings. What is locked is being confirmed, cancelled or freed: the next run meets
-- it again.
create or replace function frontdesk.expire_holds(batch_limit int) returns int
    language plpgsql security definer
    set search_path = ''
as $$
declare
    v_now constant timestamptz := casebase.now();
    v_count int;
begin
    perform casebase.require_valid(jsonb_build_object('batch_limit', batch_limit), '{
        "type": "object",
        "required": ["batch_limit"],
        "properties": {"batch_limit": {"type": "integer", "minimum": 1, "maximum": 10000}}
    }');
    with due as (
        select b.id from public.bookings b
        where b.status = 'pending' and b.hold_expires_at <= v_now
        order by b.hold_expires_at
        limit batch_limit
        for no key update skip locked
    )
    update public.bookings b set status = 'cancelled', cancelled_at = v_now, cancel_reason = 'expired'
    where b.id = any (array(select d.id from due d));
    get diagnostics v_count = row_count;
    return v_count;
end
$$;

create or replace function public.expire_holds(batch_limit int default 500) returns int
    language sql
    set search_path = ''
as $$
    select frontdesk.expire_holds(batch_limit)
$$;

comment on function public.expire_holds(int) is
    'Give the places of holds that nobody confirmed in time back: batch_limit at most, 1 to 10,000. Returns how many; call it '
    'until there are fewer than asked for. For the service. 422 invalid_input.';

revoke execute on function frontdesk.expire_holds(int), public.expire_holds(int)
from public, anon, authenticated, service_role;
grant execute on function frontdesk.expire_holds(int), public.expire_holds(int) to service_role;
