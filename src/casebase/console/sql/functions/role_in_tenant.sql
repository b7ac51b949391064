create or replace function casebase.role_in_tenant(tenant_id uuid) returns text
    language plpgsql stable
    set search_path = ''
as $$
#variable_conflict use_variable
declare
    v_role text;
begin
    if casebase.calling_role() = 'service_role' then
        -- In capitals, which no member's role has: somebody who is given the role service is not it.
        select 'SERVICE' into v_role from public.tenants t where t.id = tenant_id;
    else
        select m.role into v_role from public.tenant_users m where m.tenant_id = tenant_id and m.user_id = auth.uid();
    end if;
    if v_role is null then
        -- Another's and one that does not exist are refused alike.
        perform casebase.fail(404, 'tenant_not_found', '{"field": "tenant_id"}');
    end if;
    return v_role;
end
$$;

comment on function casebase.role_in_tenant(uuid) is
    'What the caller is in a tenant: their role, or SERVICE; 404 tenant_not_found for who is nothing there.';

revoke execute on function casebase.role_in_tenant(uuid) from public;
