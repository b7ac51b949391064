-- Who may see and touch the module's tables. Every write goes through an RPC: the service too has no rights on tables but
-- to read, and to change the rules that are rows. Members of a tenant read its cases; personal data, call notes and what
-- the copilot said are the service's alone. Of the unexposed schemas only judgments.cases can be read, for the views.

revoke all on
    public.enforcement_stage_lookup, public.enforcement_tier_lookup, public.plaintiffs, public.judgments,
    public.enforcement_cases, public.plaintiff_tasks, public.enforcement_events, public.enforcement_history,
    public.enforcement_actions, public.enforcement_documents, public.enforcement_payments,
    public.plaintiff_call_attempts, public.plaintiff_status_history, public.case_copilot_outputs
from public, anon, authenticated, service_role;
revoke all on all tables in schema enforcement from public, anon, authenticated, service_role;
revoke all on all tables in schema judgments from public, anon, authenticated, service_role;
revoke all on all tables in schema enrichment from public, anon, authenticated, service_role;
-- An identity column needs no grant on its sequence; Supabase's default privileges give one.
revoke all on sequence
    public.enforcement_events_position_seq, public.enforcement_history_position_seq,
    public.plaintiff_status_history_position_seq, enforcement.case_counts_id_seq
from public, anon, authenticated, service_role;

grant select, insert, update, delete on public.enforcement_stage_lookup, public.enforcement_tier_lookup to service_role;
grant select on
    public.plaintiffs, public.judgments, judgments.cases, public.enforcement_cases, public.plaintiff_tasks,
    public.enforcement_events, public.enforcement_history, public.enforcement_actions, public.enforcement_documents,
    public.enforcement_payments, public.plaintiff_call_attempts, public.plaintiff_status_history,
    public.case_copilot_outputs, enforcement.contact_views, enrichment.entities, enrichment.contacts, enrichment.assets
to service_role;
grant select on
    public.enforcement_stage_lookup, public.enforcement_tier_lookup, public.plaintiffs, public.judgments,
    judgments.cases, public.enforcement_cases, public.plaintiff_tasks, public.enforcement_events,
    public.enforcement_history, public.enforcement_actions, public.enforcement_documents, public.enforcement_payments,
    public.plaintiff_status_history
to authenticated;

-- The views run as their caller, so these show what the tables do.
revoke all on
    public.v_collectability_snapshot, public.v_priority_pipeline, public.v_enforcement_overview,
    public.v_enforcement_recent, public.v_enforcement_timeline, enforcement.pipeline
from public, anon, authenticated, service_role;
grant select on
    public.v_collectability_snapshot, public.v_priority_pipeline, public.v_enforcement_overview,
    public.v_enforcement_recent, public.v_enforcement_timeline, enforcement.pipeline, enforcement.case_counts
to authenticated, service_role;

drop policy if exists case_counts_select_service on enforcement.case_counts;
create policy case_counts_select_service on enforcement.case_counts for select to service_role using (true);

drop policy if exists case_counts_select_member on enforcement.case_counts;
create policy case_counts_select_member on enforcement.case_counts for select to authenticated
    using (tenant_id = any ((select casebase.member_tenants())::uuid[]));

drop policy if exists enforcement_stage_lookup_all_service on public.enforcement_stage_lookup;
create policy enforcement_stage_lookup_all_service on public.enforcement_stage_lookup for all to service_role using (true) with check (true);

drop policy if exists enforcement_stage_lookup_select_signed_in on public.enforcement_stage_lookup;
create policy enforcement_stage_lookup_select_signed_in on public.enforcement_stage_lookup for select to authenticated using (true);

drop policy if exists enforcement_tier_lookup_all_service on public.enforcement_tier_lookup;
create policy enforcement_tier_lookup_all_service on public.enforcement_tier_lookup for all to service_role using (true) with check (true);

drop policy if exists enforcement_tier_lookup_select_signed_in on public.enforcement_tier_lookup;
create policy enforcement_tier_lookup_select_signed_in on public.enforcement_tier_lookup for select to authenticated using (true);

drop policy if exists plaintiffs_select_service on public.plaintiffs;
create policy plaintiffs_select_service on public.plaintiffs for select to service_role using (true);

drop policy if exists plaintiffs_select_member on public.plaintiffs;
create policy plaintiffs_select_member on public.plaintiffs for select to authenticated
    using (tenant_id = any ((select casebase.member_tenants())::uuid[]));

drop policy if exists judgments_select_service on public.judgments;
create policy judgments_select_service on public.judgments for select to service_role using (true);

drop policy if exists judgments_select_member on public.judgments;
create policy judgments_select_member on public.judgments for select to authenticated
    using (tenant_id = any ((select casebase.member_tenants())::uuid[]));

drop policy if exists cases_select_service on judgments.cases;
create policy cases_select_service on judgments.cases for select to service_role using (true);

drop policy if exists cases_select_member on judgments.cases;
create policy cases_select_member on judgments.cases for select to authenticated
    using (tenant_id = any ((select casebase.member_tenants())::uuid[]));

drop policy if exists enforcement_cases_select_service on public.enforcement_cases;
create policy enforcement_cases_select_service on public.enforcement_cases for select to service_role using (true);

drop policy if exists enforcement_cases_select_member on public.enforcement_cases;
create policy enforcement_cases_select_member on public.enforcement_cases for select to authenticated
    using (tenant_id = any ((select casebase.member_tenants())::uuid[]));

drop policy if exists plaintiff_tasks_select_service on public.plaintiff_tasks;
create policy plaintiff_tasks_select_service on public.plaintiff_tasks for select to service_role using (true);

drop policy if exists plaintiff_tasks_select_member on public.plaintiff_tasks;
create policy plaintiff_tasks_select_member on public.plaintiff_tasks for select to authenticated
    using (tenant_id = any ((select casebase.member_tenants())::uuid[]));

drop policy if exists enforcement_events_select_service on public.enforcement_events;
create policy enforcement_events_select_service on public.enforcement_events for select to service_role using (true);

drop policy if exists enforcement_events_select_member on public.enforcement_events;
create policy enforcement_events_select_member on public.enforcement_events for select to authenticated
    using (tenant_id = any ((select casebase.member_tenants())::uuid[]));

drop policy if exists enforcement_history_select_service on public.enforcement_history;
create policy enforcement_history_select_service on public.enforcement_history for select to service_role using (true);

drop policy if exists enforcement_history_select_member on public.enforcement_history;
create policy enforcement_history_select_member on public.enforcement_history for select to authenticated
    using (tenant_id = any ((select casebase.member_tenants())::uuid[]));

drop policy if exists enforcement_actions_select_service on public.enforcement_actions;
create policy enforcement_actions_select_service on public.enforcement_actions for select to service_role using (true);

drop policy if exists enforcement_actions_select_member on public.enforcement_actions;
create policy enforcement_actions_select_member on public.enforcement_actions for select to authenticated
    using (tenant_id = any ((select casebase.member_tenants())::uuid[]));

drop policy if exists enforcement_documents_select_service on public.enforcement_documents;
create policy enforcement_documents_select_service on public.enforcement_documents for select to service_role using (true);

drop policy if exists enforcement_documents_select_member on public.enforcement_documents;
create policy enforcement_documents_select_member on public.enforcement_documents for select to authenticated
    using (tenant_id = any ((select casebase.member_tenants())::uuid[]));

drop policy if exists enforcement_payments_select_service on public.enforcement_payments;
create policy enforcement_payments_select_service on public.enforcement_payments for select to service_role using (true);

drop policy if exists enforcement_payments_select_member on public.enforcement_payments;
create policy enforcement_payments_select_member on public.enforcement_payments for select to authenticated
    using (tenant_id = any ((select casebase.member_tenants())::uuid[]));

drop policy if exists plaintiff_status_history_select_service on public.plaintiff_status_history;
create policy plaintiff_status_history_select_service on public.plaintiff_status_history for select to service_role using (true);

drop policy if exists plaintiff_status_history_select_member on public.plaintiff_status_history;
create policy plaintiff_status_history_select_member on public.plaintiff_status_history for select to authenticated
    using (tenant_id = any ((select casebase.member_tenants())::uuid[]));

drop policy if exists plaintiff_call_attempts_select_service on public.plaintiff_call_attempts;
create policy plaintiff_call_attempts_select_service on public.plaintiff_call_attempts for select to service_role using (true);

drop policy if exists contact_views_select_service on enforcement.contact_views;
create policy contact_views_select_service on enforcement.contact_views for select to service_role using (true);

drop policy if exists case_copilot_outputs_select_service on public.case_copilot_outputs;
create policy case_copilot_outputs_select_service on public.case_copilot_outputs for select to service_role using (true);
