create or replace function enforcement.operator_tenants() returns uuid[]
    language sql stable parallel safe
    set search_path = ''
as $$
    select casebase.member_tenants(array['owner', 'admin', 'enforcement_operator'])
$$;

comment on function enforcement.operator_tenants() is
    'The tenants the caller enforces for: those where they own, administer or are enforcement_operator.';

revoke execute on function enforcement.operator_tenants() from public;
grant execute on function enforcement.operator_tenants() to authenticated, service_role;
