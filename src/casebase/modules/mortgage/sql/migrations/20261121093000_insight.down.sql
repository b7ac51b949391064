select pgmq.drop_queue('mortgage_publishing');
delete from casebase.schedules where queue = 'mortgage_publishing';
delete from casebase.queues where name = 'mortgage_publishing';

drop function public.list_publishable_cases(uuid, uuid, int);
drop function public.list_publishing_tenants();
drop function public.find_publishing_leaks(jsonb, text[]);
drop function public.get_scenario_context(uuid);
drop function public.get_scenario_context_version(uuid);
drop function public.get_mortgage_settings(uuid);
drop function public.set_mortgage_settings(jsonb);
drop function public.list_scenario_stats_daily(date, date, uuid);
drop function public.list_scenario_recommendation_vs_outcome(date, date, uuid);
drop function public.list_scenario_followup_effectiveness(date, date, uuid);

drop view
    public.v_scenario_ai_context, public.scenario_cases_masked, public.scenario_inputs_masked,
    public.scenario_calculations_masked, public.scenario_stats_daily, public.scenario_recommendation_vs_outcome,
    public.scenario_followup_effectiveness,
    mortgage.scenario_ai_contexts, mortgage.masked_cases, mortgage.masked_inputs, mortgage.masked_calculations,
    mortgage.stats_daily, mortgage.daily_counts, mortgage.recommendation_vs_outcome, mortgage.followup_effectiveness;

-- A function that returns the row of a table stands in the way of dropping it.
drop function mortgage.settings_of(uuid);

drop index
    public.scenario_cases_tenant_id_day_idx, public.scenario_outcomes_tenant_id_day_idx,
    public.scenario_events_tenant_id_event_type_day_idx;
drop table mortgage.context_versions;
