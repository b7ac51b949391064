-- Who may see and touch the kernel's tables.

revoke all on public.tenants, public.tenant_users from anon, authenticated, service_role;
grant select on public.tenants, public.tenant_users to authenticated;
grant select, insert, update, delete on public.tenants, public.tenant_users to service_role;

drop policy if exists tenants_select_member on public.tenants;
create policy tenants_select_member on public.tenants for select to authenticated
    using (id = any ((select casebase.member_tenants())::uuid[]));

drop policy if exists tenant_users_select_own on public.tenant_users;
create policy tenant_users_select_own on public.tenant_users for select to authenticated
    using (user_id = (select auth.uid()));

-- Kept replies are read and written by casebase.rpc before and after the caller's role is set.
grant select, insert, update, delete on casebase.idempotency_keys to casebase_api;
drop policy if exists idempotency_keys_all_api on casebase.idempotency_keys;
create policy idempotency_keys_all_api on casebase.idempotency_keys for all to casebase_api using (true) with check (true);

-- casebase.rpc looks functions up by name before it takes the caller's role.
grant usage on schema public to casebase_api;
