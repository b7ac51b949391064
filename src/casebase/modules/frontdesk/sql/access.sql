-- Who may see and touch the module's tables (specs/frontdesk.md, DECISIONS 9 to 14). People read by the policies and write
-- through RPCs; but members may insert a booking of their tenant, and the service metrics and bookings.

revoke all on
    public.slots, public.bookings, public.products, public.orders, public.conversation_scores,
    public.analytics_metrics, public.analytics_metrics_default, public.metric_rollups, public.phi_detection_events
from public, anon, authenticated, service_role;
revoke all on all tables in schema frontdesk from public, anon, authenticated, service_role;

grant select on
    public.slots, public.bookings, public.products, public.orders, public.conversation_scores,
    public.analytics_metrics, public.metric_rollups, public.phi_detection_events
to authenticated, service_role;
grant select on frontdesk.currencies, frontdesk.settings to service_role;
grant insert (slot_id, tenant_id, user_id, user_name, user_email, status, resource, starts_at, ends_at) on public.bookings
to authenticated, service_role;
grant insert (name, value, tenant_id, tags, created_at) on public.analytics_metrics to service_role;

drop policy if exists slots_select_member on public.slots;
create policy slots_select_member on public.slots for select to authenticated
    using (tenant_id = any ((select casebase.member_tenants())::uuid[]));

-- The tenant first, here and for orders: what comes after it is then asked by none but customers.
drop policy if exists bookings_select_own_or_member on public.bookings;
create policy bookings_select_own_or_member on public.bookings for select to authenticated
    using (tenant_id = any ((select casebase.member_tenants())::uuid[]) or user_id = (select auth.uid()));

-- For oneself or for somebody without an account: a booking says who may read and cancel it.
drop policy if exists bookings_insert_member on public.bookings;
create policy bookings_insert_member on public.bookings for insert to authenticated
    with check (
        tenant_id = any ((select casebase.member_tenants())::uuid[])
        and status in ('pending', 'confirmed')
        and (user_id is null or user_id = (select auth.uid())));

drop policy if exists products_select_member on public.products;
create policy products_select_member on public.products for select to authenticated
    using (tenant_id = any ((select casebase.member_tenants())::uuid[]));

drop policy if exists orders_select_customer_or_administrator on public.orders;
create policy orders_select_customer_or_administrator on public.orders for select to authenticated
    using (
        tenant_id = any ((select casebase.member_tenants(array['owner', 'admin']))::uuid[])
        or user_id = (select auth.uid()) or customer_email = (select frontdesk.customer_email()));

drop policy if exists conversation_scores_select_administrator on public.conversation_scores;
create policy conversation_scores_select_administrator on public.conversation_scores for select to authenticated
    using (tenant_id = any ((select casebase.member_tenants(array['owner', 'admin']))::uuid[]));

drop policy if exists analytics_metrics_select_administrator on public.analytics_metrics;
create policy analytics_metrics_select_administrator on public.analytics_metrics for select to authenticated
    using (tenant_id = any ((select casebase.member_tenants(array['owner', 'admin']))::uuid[]));

-- What waits in the default partition is read through its table, as months are.
drop policy if exists analytics_metrics_default_select_nobody on public.analytics_metrics_default;
create policy analytics_metrics_default_select_nobody on public.analytics_metrics_default for select using (false);

drop policy if exists metric_rollups_select_administrator on public.metric_rollups;
create policy metric_rollups_select_administrator on public.metric_rollups for select to authenticated
    using (tenant_id = any ((select casebase.member_tenants(array['owner', 'admin']))::uuid[]));

drop policy if exists phi_detection_events_select_administrator on public.phi_detection_events;
create policy phi_detection_events_select_administrator on public.phi_detection_events for select to authenticated
    using (tenant_id = any ((select casebase.member_tenants(array['owner', 'admin']))::uuid[]));

drop policy if exists slots_select_service on public.slots;
create policy slots_select_service on public.slots for select to service_role using (true);
drop policy if exists bookings_select_service on public.bookings;
create policy bookings_select_service on public.bookings for select to service_role using (true);
drop policy if exists bookings_insert_service on public.bookings;
create policy bookings_insert_service on public.bookings for insert to service_role with check (true);
drop policy if exists products_select_service on public.products;
create policy products_select_service on public.products for select to service_role using (true);
drop policy if exists orders_select_service on public.orders;
create policy orders_select_service on public.orders for select to service_role using (true);
drop policy if exists conversation_scores_select_service on public.conversation_scores;
create policy conversation_scores_select_service on public.conversation_scores for select to service_role using (true);
drop policy if exists analytics_metrics_select_service on public.analytics_metrics;
create policy analytics_metrics_select_service on public.analytics_metrics for select to service_role using (true);
drop policy if exists analytics_metrics_insert_service on public.analytics_metrics;
create policy analytics_metrics_insert_service on public.analytics_metrics for insert to service_role with check (true);
drop policy if exists metric_rollups_select_service on public.metric_rollups;
create policy metric_rollups_select_service on public.metric_rollups for select to service_role using (true);
drop policy if exists phi_detection_events_select_service on public.phi_detection_events;
create policy phi_detection_events_select_service on public.phi_detection_events for select to service_role using (true);
drop policy if exists currencies_select_service on frontdesk.currencies;
create policy currencies_select_service on frontdesk.currencies for select to service_role using (true);
drop policy if exists settings_select_service on frontdesk.settings;
create policy settings_select_service on frontdesk.settings for select to service_role using (true);
