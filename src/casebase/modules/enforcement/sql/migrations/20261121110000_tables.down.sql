select pgmq.drop_queue(q) from unnest(array['enrich', 'outreach', 'enforce', 'case_copilot', 'enforcement_metrics']) q
where exists (select from casebase.queues where name = q);
delete from casebase.queues where name in ('enrich', 'outreach', 'enforce', 'case_copilot', 'enforcement_metrics');

-- The exposed functions.
drop function public.list_enforcement_cases(text, text, text, int, uuid);
drop function public.list_priority_pipeline(text, text, text, text, text, text, text, int, uuid);
drop function public.get_enforcement_case(uuid);
drop function public.list_enforcement_timeline(uuid, text[], text, int);
drop function public.get_enforcement_board(uuid);
drop function public.list_enforcement_history(uuid, text, int);
drop function public.list_tier_overrides(uuid);
drop function public.list_pipeline_counties(uuid);
drop function public.refresh_enforcement_metrics(int);
drop function public.fold_enforcement_counts();
drop function public.get_enforcement_desk(uuid);
drop function public.get_copilot_file(uuid);
drop function public.open_enforcement_case(jsonb);
drop function public.create_judgment(jsonb);
drop function public.insert_or_get_entity(jsonb);
drop function public.set_case_enrichment(uuid, numeric, text, text);
drop function public.set_case_scores(uuid, numeric, numeric, numeric, numeric, numeric, numeric, text);
drop function public.upsert_enrichment_bundle(jsonb);
drop function public.get_enrichment_subject(jsonb);
drop function public.queue_due_enrichment(jsonb);
drop function public.start_simplicity_import(jsonb);
drop function public.add_simplicity_rows(jsonb);
drop function public.process_simplicity_imports(uuid);
drop function public.list_import_runs(uuid, text, int);
drop function public.list_import_rows(uuid, text, int, int);
drop function public.erase_import_rows(int);
drop function public.count_due_import_rows();
drop function public.log_call_outcome(uuid, uuid, text, text, text, timestamptz);
drop function public.queue_job(jsonb);
drop function public.request_case_copilot(uuid, text);
drop function public.schedule_call(jsonb);
drop function public.list_call_tasks(uuid, text, int);
drop function public.open_call_task(uuid);
drop function public.plan_outreach(jsonb);
drop function public.get_enforcement_settings(uuid);
drop function public.set_enforcement_settings(jsonb);
drop function public.close_enforcement_case(jsonb);
drop function public.set_enforcement_stage(jsonb);
drop function public.record_enforcement_payment(jsonb);
drop function public.override_enforcement_tier(jsonb);
drop function public.clear_enforcement_override(jsonb);

-- The exposed views.
drop view public.v_case_copilot_latest;

-- Those of the implementation, which speak of the tables' rows; at once, as one may be another's default.
do $$
begin
    execute (
        select format('drop function %s', string_agg(p.oid::regprocedure::text, ', '))
        from pg_catalog.pg_proc p where p.pronamespace = 'enforcement'::regnamespace);
end
$$;

drop table
    enforcement.import_rows, enforcement.import_runs, enforcement.anonymous_calls, enforcement.event_outbox,
    public.case_copilot_outputs, public.plaintiff_status_history, public.plaintiff_call_attempts,
    enforcement.call_outcome_aliases, enforcement.call_outcomes, public.enforcement_payments,
    public.enforcement_documents, public.enforcement_actions, public.enforcement_history, public.enforcement_events,
    public.plaintiff_tasks, public.enforcement_cases, enrichment.assets, enrichment.contacts, judgments.cases,
    public.judgments, public.plaintiffs, enrichment.entities, enforcement.settings, enforcement.playbook,
    enforcement.event_kinds, public.enforcement_tier_lookup, public.enforcement_stage_lookup;

drop schema enforcement cascade;
drop schema judgments cascade;
drop schema enrichment cascade;

drop type public.plaintiff_task_status;
drop type public.judgment_priority_level;
drop type public.enforcement_actor_type;
drop type public.enforcement_event_kind;
drop type public.enforcement_case_status;
