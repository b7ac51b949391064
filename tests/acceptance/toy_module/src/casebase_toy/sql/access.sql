revoke all on public.greetings from public, anon, authenticated, service_role;
grant select, insert, update on public.greetings to service_role;
grant select on public.greetings to authenticated;

drop policy if exists greetings_all_service on public.greetings;
create policy greetings_all_service on public.greetings for all to service_role using (true) with check (true);

drop policy if exists greetings_select_staff on public.greetings;
create policy greetings_select_staff on public.greetings for select to authenticated
    using (tenant_id = any ((select casebase.member_tenants())::uuid[]));
