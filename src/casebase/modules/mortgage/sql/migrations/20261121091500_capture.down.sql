drop function mortgage.clean_text(public.scenario_cases, text, text);
drop function mortgage.clean_payload(public.scenario_cases, jsonb, text);
alter table public.scenario_cases drop column tags_due_at;
alter table public.scenario_tags drop column rule_version;
