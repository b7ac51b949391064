select pgmq.drop_queue(q.name) from casebase.queues q where q.name in ('mortgage_file_removal', 'mortgage_reminders');
delete from casebase.schedules where queue in ('mortgage_file_removal', 'mortgage_reminders')
    or payload ->> 'rule' = 'mortgage.consents';
delete from casebase.queues where name in ('mortgage_file_removal', 'mortgage_reminders');

drop function public.extend_consent(uuid, timestamptz);
drop function public.withdraw_consent(uuid);
drop function public.expire_consents(int);
drop function public.count_due_consents();
drop function public.send_case_reminders(int);
drop function mortgage.erase_case(public.scenario_cases, text[], bigint, int);
drop function mortgage.erase_consent(public.consents, int);
drop function mortgage.consent_json(public.consents);
drop function mortgage.acting_consent(uuid);

alter table mortgage.conversations alter column conversation_id set statistics -1;
alter table public.scenario_documents alter column storage_path set statistics -1;
drop trigger scenario_inputs_refuse_after_erasure on public.scenario_inputs;
drop trigger scenario_ai_ledger_refuse_after_erasure on public.scenario_ai_ledger;
drop trigger scenario_documents_refuse_after_erasure on public.scenario_documents;
drop trigger conversations_refuse_after_erasure on mortgage.conversations;
drop trigger scenario_outcomes_refuse_notes_after_erasure on public.scenario_outcomes;
drop trigger scenario_cases_refuse_notes_after_erasure on public.scenario_cases;
drop trigger scenario_events_empty_after_erasure on public.scenario_events;
drop index public.one_reminder_a_due_date;
alter table public.scenario_cases drop column erased_at, drop column reminded_for, drop column alerted_for;
drop index public.consents_ends_at_idx;
alter table public.consents drop column erased_through;
create index consents_until_idx on public.consents (until) where expired_at is null;
