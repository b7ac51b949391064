-- One tenant a call: an index on (tenant_id, …) then yields rows in order, which `= any (several)` cannot.
create or replace function mortgage.acting_tenant(tenant_id uuid) returns uuid
    language plpgsql stable
    set search_path = ''
as $$
declare
    v_staff_of uuid[];
begin
    if current_user <> 'authenticated' then
        return coalesce(tenant_id, casebase.default_tenant());
    end if;
    v_staff_of := array(select t from unnest(mortgage.staff_tenants()) t order by t);
    if v_staff_of = '{}' or not coalesce(tenant_id = any (v_staff_of), true) then
        perform casebase.fail(403, 'forbidden', '{}', 'Ask an owner of the tenant for a staff role.');
    end if;
    return coalesce(tenant_id, v_staff_of[1]);
end
$$;

comment on function mortgage.acting_tenant(uuid) is
    'The tenant a call is about: the one named, else the caller''s first, for services the default one; 403 for a stranger.';

revoke execute on function mortgage.acting_tenant(uuid) from public;
grant execute on function mortgage.acting_tenant(uuid) to authenticated, service_role;
