create or replace function casebase.administered_tenants() returns uuid[]
    language plpgsql stable
    set search_path = ''
as $$
declare
    v_tenants constant uuid[] := casebase.member_tenants(array['owner', 'admin']);
begin
    if v_tenants = '{}' then
        perform casebase.fail(403, 'forbidden', '{}', 'Ask an owner of the tenant for the role admin.');
    end if;
    return v_tenants;
end
$$;

comment on function casebase.administered_tenants() is 'The tenants that the caller owns or administers; 403 where there is none.';

revoke execute on function casebase.administered_tenants() from public;
