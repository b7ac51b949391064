-- Locked by all who change who is an owner, so each sees what the last one did. Who may not decide is refused before, and
-- holds up nobody; what somebody may is asked again by whoever waited.
create or replace function casebase.lock_members(tenant_id uuid) returns void
    language sql
    set search_path = ''
as $$
    select from public.tenants t where t.id = lock_members.tenant_id for no key update
$$;

comment on function casebase.lock_members(uuid) is 'One at a time changes who owns a tenant, until the end of its transaction.';

revoke execute on function casebase.lock_members(uuid) from public;
