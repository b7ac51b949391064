drop index pgmq.enrich_requested_idx, pgmq.outreach_requested_idx, pgmq.enforce_requested_idx, pgmq.case_copilot_requested_idx;
drop trigger plaintiff_tasks_take_tier on public.plaintiff_tasks;
drop trigger enforcement_cases_pass_tier_on on public.enforcement_cases;
drop table enforcement.contact_views, enforcement.outreach_rules;
alter table enforcement.settings drop column planned_calls_limit;
alter table public.plaintiff_tasks drop column tier;
