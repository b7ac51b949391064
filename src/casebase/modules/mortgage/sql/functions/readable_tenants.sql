-- Definer: readers and staff need not see the tenants table. The views of the schema mortgage read tables as their owner,
-- whom row level security does not bind, so each of them filters by this.
create or replace function mortgage.readable_tenants() returns uuid[]
    language plpgsql stable security definer
    set search_path = ''
as $$
declare
    v_role text := casebase.calling_role();
begin
    if v_role in ('casebase_ai_broker', 'casebase_analyst') then
        return array_remove(array[casebase.token_tenant()], null);
    elsif v_role = 'authenticated' then
        return mortgage.staff_tenants();
    elsif pg_has_role(v_role, 'service_role', 'member') then
        return array(select t.id from public.tenants t);
    end if;
    return '{}'::uuid[];
end
$$;

comment on function mortgage.readable_tenants() is
    'The tenants whose masked views the caller may read: staff theirs, an analyst or an AI broker their token''s, the service all.';

revoke execute on function mortgage.readable_tenants() from public;
grant execute on function mortgage.readable_tenants() to authenticated, service_role, casebase_analyst, casebase_ai_broker;
