-- Definer: the counts are in an unexposed schema.
create or replace function frontdesk.get_availability_version(tenant_id uuid, on_date date) returns jsonb
    language plpgsql stable security definer
    set search_path = ''
as $$
declare
    v_tenant constant uuid := frontdesk.acting_tenant(tenant_id);
    v_day record;
    v_version bigint;
begin
    select * into strict v_day from frontdesk.day_of(v_tenant, on_date);
    -- Of at most three days in UTC. Counts only grow, and so does their sum.
    select coalesce(sum(v.version), 0) into v_version
    from frontdesk.availability_versions v
    where v.tenant_id = v_tenant
      and v.day between (v_day.begins_at at time zone 'UTC')::date and (v_day.ends_at at time zone 'UTC')::date;
    return jsonb_build_object(
        'tenant_id', v_tenant, 'on_date', on_date, 'time_zone', v_day.time_zone, 'version', v_version, 'now', casebase.now());
end
$$;

create or replace function public.get_availability_version(tenant_id uuid, on_date date) returns jsonb
    language sql stable
    set search_path = ''
as $$
    select frontdesk.get_availability_version(tenant_id, on_date)
$$;

comment on function public.get_availability_version(uuid, date) is
    'What list_available_slots of the same arguments is kept under: {tenant_id, on_date, time_zone, version, now}. The version '
    'grows with every change of the day''s slots and bookings, in the transaction that makes it. For the tenant''s members and '
    'the service. 404 tenant_not_found; 422 invalid_input.';

revoke execute on function frontdesk.get_availability_version(uuid, date), public.get_availability_version(uuid, date)
from public, anon, authenticated, service_role;
grant execute on function frontdesk.get_availability_version(uuid, date), public.get_availability_version(uuid, date)
to authenticated, service_role;
