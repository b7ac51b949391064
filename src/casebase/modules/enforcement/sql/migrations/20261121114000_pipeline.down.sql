select pgmq.drop_queue('enforcement_metrics') where exists (select from casebase.queues where name = 'enforcement_metrics');
delete from casebase.queues where name = 'enforcement_metrics';

drop view
    public.v_priority_pipeline, enforcement.pipeline, public.v_collectability_snapshot, public.v_enforcement_overview,
    public.v_enforcement_recent, public.v_enforcement_timeline;

drop trigger cases_pass_rank_on on judgments.cases;
drop trigger enforcement_cases_take_rank on public.enforcement_cases;
drop trigger enforcement_cases_mark_opened on public.enforcement_cases;
drop trigger enforcement_cases_count_opened on public.enforcement_cases;
drop trigger enforcement_cases_count_changed on public.enforcement_cases;

drop table enforcement.case_counts;

drop index judgments.cases_tenant_id_case_number_idx;
alter table judgments.cases drop column is_opened;

alter table public.enforcement_cases reset (autovacuum_vacuum_scale_factor);
drop index public.enforcement_cases_tenant_id_status_opened_at_idx;
drop index public.enforcement_cases_tenant_id_reference_idx;
drop index public.enforcement_cases_tenant_id_tier_stage_idx;
alter table public.enforcement_cases
    drop column breach_alerted_for,
    drop column state,
    drop column county,
    drop column judgment_amount,
    drop column priority_level,
    drop column collectability_tier;
