-- Functions that take a case's row stand in the way of dropping its table.
drop function mortgage.add_event(public.scenario_cases, public.scenario_event_type, jsonb, timestamptz);
drop function mortgage.acting_case(uuid);
drop table mortgage.settings;
drop table mortgage.conversations;
drop table public.scenario_ai_ledger;
alter table public.scenario_outcomes drop column decision_reason, drop column hurdles;
alter table public.scenario_cases drop column notes;
drop type public.scenario_ai_entry_type;
drop type public.scenario_hurdle;
drop type public.scenario_decision_reason;
