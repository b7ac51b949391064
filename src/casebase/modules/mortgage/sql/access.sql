-- Who may see and touch the module's tables. Only the service writes, through RPCs and, on Supabase, with its own key;
-- versions and events are never changed, so not even the service may update them. Staff of a tenant read its
-- scenario tables, which hold nothing personal. The schema mortgage has no grants on tables at all.

revoke all on
    public.leads, public.consents, public.scenario_cases, public.scenario_inputs, public.scenario_calculations,
    public.scenario_outcomes, public.scenario_events, public.scenario_documents, public.scenario_tags,
    public.scenario_ai_ledger
from public, anon, authenticated, service_role;
revoke all on all tables in schema mortgage from public, anon, authenticated, service_role;
-- An identity column needs no grant on its sequence; Supabase's default privileges give one.
revoke all on sequence public.scenario_events_position_seq, public.scenario_ai_ledger_position_seq
from public, anon, authenticated, service_role;

grant select, insert, update on
    public.leads, public.consents, public.scenario_cases, public.scenario_outcomes
to service_role;
grant select, insert on
    public.scenario_inputs, public.scenario_calculations, public.scenario_events, public.scenario_ai_ledger
to service_role;
grant select, insert, update, delete on public.scenario_documents, public.scenario_tags to service_role;

grant select on
    public.scenario_cases, public.scenario_inputs, public.scenario_calculations, public.scenario_outcomes,
    public.scenario_events, public.scenario_documents, public.scenario_tags, public.scenario_ai_ledger
to authenticated;

drop policy if exists leads_all_service on public.leads;
create policy leads_all_service on public.leads for all to service_role using (true) with check (true);

drop policy if exists consents_all_service on public.consents;
create policy consents_all_service on public.consents for all to service_role using (true) with check (true);

drop policy if exists scenario_cases_select_staff on public.scenario_cases;
create policy scenario_cases_select_staff on public.scenario_cases for select to authenticated
    using (tenant_id = any ((select mortgage.staff_tenants())::uuid[]));

drop policy if exists scenario_inputs_select_staff on public.scenario_inputs;
create policy scenario_inputs_select_staff on public.scenario_inputs for select to authenticated
    using (tenant_id = any ((select mortgage.staff_tenants())::uuid[]));

drop policy if exists scenario_calculations_select_staff on public.scenario_calculations;
create policy scenario_calculations_select_staff on public.scenario_calculations for select to authenticated
    using (tenant_id = any ((select mortgage.staff_tenants())::uuid[]));

drop policy if exists scenario_outcomes_select_staff on public.scenario_outcomes;
create policy scenario_outcomes_select_staff on public.scenario_outcomes for select to authenticated
    using (tenant_id = any ((select mortgage.staff_tenants())::uuid[]));

drop policy if exists scenario_events_select_staff on public.scenario_events;
create policy scenario_events_select_staff on public.scenario_events for select to authenticated
    using (tenant_id = any ((select mortgage.staff_tenants())::uuid[]));

drop policy if exists scenario_documents_select_staff on public.scenario_documents;
create policy scenario_documents_select_staff on public.scenario_documents for select to authenticated
    using (tenant_id = any ((select mortgage.staff_tenants())::uuid[]));

drop policy if exists scenario_tags_select_staff on public.scenario_tags;
create policy scenario_tags_select_staff on public.scenario_tags for select to authenticated
    using (tenant_id = any ((select mortgage.staff_tenants())::uuid[]));

drop policy if exists scenario_ai_ledger_select_staff on public.scenario_ai_ledger;
create policy scenario_ai_ledger_select_staff on public.scenario_ai_ledger for select to authenticated
    using (tenant_id = any ((select mortgage.staff_tenants())::uuid[]));

-- Masked views. The exposed ones run as their caller, who therefore needs the owner's view behind each; those filter by
-- mortgage.readable_tenants(). Neither reader is granted any table.
revoke all on all tables in schema mortgage from casebase_analyst, casebase_ai_broker;
revoke all on
    public.v_scenario_ai_context, public.scenario_cases_masked, public.scenario_inputs_masked,
    public.scenario_calculations_masked, public.scenario_stats_daily, public.scenario_recommendation_vs_outcome,
    public.scenario_followup_effectiveness
from public, anon, authenticated, service_role, casebase_analyst, casebase_ai_broker;

grant select on public.v_scenario_ai_context, mortgage.scenario_ai_contexts to casebase_ai_broker, service_role;
grant select on
    public.scenario_cases_masked, mortgage.masked_cases,
    public.scenario_inputs_masked, mortgage.masked_inputs,
    public.scenario_calculations_masked, mortgage.masked_calculations
to casebase_analyst, service_role;
grant select on
    public.scenario_stats_daily, mortgage.stats_daily,
    public.scenario_recommendation_vs_outcome, mortgage.recommendation_vs_outcome,
    public.scenario_followup_effectiveness, mortgage.followup_effectiveness
to casebase_analyst, authenticated, service_role;
