create or replace function mortgage.staff_tenants() returns uuid[]
    language sql stable parallel safe
    set search_path = ''
as $$
    select casebase.member_tenants(array['owner', 'admin', 'broker', 'operator'])
$$;

comment on function mortgage.staff_tenants() is 'The tenants whose cases the caller may read: those where they own, administer, broker or operate.';

revoke execute on function mortgage.staff_tenants() from public;
grant execute on function mortgage.staff_tenants() to authenticated, service_role;
