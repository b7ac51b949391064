-- Who may see and touch the module's tables. People read what is their own, and reach the rest through RPCs. The service
-- has full access to the facts and to the notifications, as the specification asks; what it may not break is constraints.

revoke all on
    public.activities, public.certifications, public.device_tokens, public.notification_preferences,
    public.scenario_evaluation_config, public.scenario_evaluation_runs, public.scenario_notifications
from public, anon, authenticated, service_role;
revoke all on all tables in schema notifications from public, anon, authenticated, service_role;

grant select, insert, update, delete on
    public.activities, public.certifications, public.scenario_notifications, public.scenario_evaluation_config,
    notifications.settings, notifications.scenario_defaults, notifications.templates
to service_role;
grant select on
    public.device_tokens, public.notification_preferences, public.scenario_evaluation_runs, notifications.run_counts,
    notifications.certification_stages
to service_role;
grant select on
    public.activities, public.certifications, public.notification_preferences, public.scenario_notifications
to authenticated;
-- A token is as good as its device: nobody reads it back.
grant select (id, user_id, platform, last_seen_at, revoked_at, created_at) on public.device_tokens to authenticated;
grant select on public.scenario_evaluation_config, public.scenario_evaluation_runs to authenticated;

drop policy if exists activities_all_service on public.activities;
create policy activities_all_service on public.activities for all to service_role using (true) with check (true);

drop policy if exists certifications_all_service on public.certifications;
create policy certifications_all_service on public.certifications for all to service_role using (true) with check (true);

drop policy if exists scenario_notifications_all_service on public.scenario_notifications;
create policy scenario_notifications_all_service on public.scenario_notifications for all to service_role using (true) with check (true);

drop policy if exists scenario_evaluation_config_all_service on public.scenario_evaluation_config;
create policy scenario_evaluation_config_all_service on public.scenario_evaluation_config for all to service_role using (true) with check (true);

drop policy if exists settings_all_service on notifications.settings;
create policy settings_all_service on notifications.settings for all to service_role using (true) with check (true);

drop policy if exists scenario_defaults_all_service on notifications.scenario_defaults;
create policy scenario_defaults_all_service on notifications.scenario_defaults for all to service_role using (true) with check (true);

drop policy if exists templates_all_service on notifications.templates;
create policy templates_all_service on notifications.templates for all to service_role using (true) with check (true);

drop policy if exists device_tokens_select_service on public.device_tokens;
create policy device_tokens_select_service on public.device_tokens for select to service_role using (true);

drop policy if exists notification_preferences_select_service on public.notification_preferences;
create policy notification_preferences_select_service on public.notification_preferences for select to service_role using (true);

drop policy if exists scenario_evaluation_runs_select_service on public.scenario_evaluation_runs;
create policy scenario_evaluation_runs_select_service on public.scenario_evaluation_runs for select to service_role using (true);

drop policy if exists run_counts_select_service on notifications.run_counts;
create policy run_counts_select_service on notifications.run_counts for select to service_role using (true);

drop policy if exists certification_stages_select_service on notifications.certification_stages;
create policy certification_stages_select_service on notifications.certification_stages for select to service_role using (true);

drop policy if exists activities_select_own on public.activities;
create policy activities_select_own on public.activities for select to authenticated
    using (user_id = (select auth.uid()));

drop policy if exists certifications_select_own on public.certifications;
create policy certifications_select_own on public.certifications for select to authenticated
    using (user_id = (select auth.uid()));

drop policy if exists device_tokens_select_own on public.device_tokens;
create policy device_tokens_select_own on public.device_tokens for select to authenticated
    using (user_id = (select auth.uid()));

drop policy if exists notification_preferences_select_own on public.notification_preferences;
create policy notification_preferences_select_own on public.notification_preferences for select to authenticated
    using (user_id = (select auth.uid()));

drop policy if exists scenario_notifications_select_own on public.scenario_notifications;
create policy scenario_notifications_select_own on public.scenario_notifications for select to authenticated
    using (user_id = (select auth.uid()));

drop policy if exists scenario_evaluation_config_select_administrator on public.scenario_evaluation_config;
create policy scenario_evaluation_config_select_administrator on public.scenario_evaluation_config for select to authenticated
    using (organization_id = any ((select casebase.member_tenants(array['owner', 'admin']))::uuid[]));

drop policy if exists scenario_evaluation_runs_select_administrator on public.scenario_evaluation_runs;
create policy scenario_evaluation_runs_select_administrator on public.scenario_evaluation_runs for select to authenticated
    using (organization_id = any ((select casebase.member_tenants(array['owner', 'admin']))::uuid[]));
