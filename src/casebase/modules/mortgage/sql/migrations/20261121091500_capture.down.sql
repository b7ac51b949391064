-- What we put in public, and functions that take a case's row, which stand in the way of dropping its table.
drop function public.record_scenario_event(jsonb);
drop function public.revise_scenario_inputs(jsonb);
drop function public.record_scenario_outcome(jsonb);
drop function public.record_ai_entry(jsonb);
drop function public.refresh_scenario_tags(int);
drop function mortgage.clean_tag(public.scenario_cases, text, text);
drop function mortgage.clean_text(public.scenario_cases, text, text);
drop function mortgage.clean_payload(public.scenario_cases, jsonb, text);
drop function mortgage.tie_conversation(public.scenario_cases, text);
drop function mortgage.require_impersonal(public.scenario_cases, text, text, int);
drop function mortgage.refresh_tags(public.scenario_cases);
drop table mortgage.hash_keys;
alter table public.scenario_cases drop column tags_due_at;
alter table public.scenario_tags drop column rule_version;
select pgmq.drop_queue('mortgage_tags');
delete from casebase.schedules where queue = 'mortgage_tags';
delete from casebase.queues where name = 'mortgage_tags';
