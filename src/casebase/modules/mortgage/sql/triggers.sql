create or replace trigger leads_touch_updated_at before update on public.leads
    for each row execute function casebase.touch_updated_at();
create or replace trigger consents_touch_updated_at before update on public.consents
    for each row execute function casebase.touch_updated_at();
create or replace trigger scenario_cases_touch_updated_at before update on public.scenario_cases
    for each row execute function casebase.touch_updated_at();
create or replace trigger scenario_outcomes_touch_updated_at before update on public.scenario_outcomes
    for each row execute function casebase.touch_updated_at();

create or replace trigger consents_copy_until after update of until, withdrawn_at on public.consents
    for each row execute function mortgage.copy_consent_until();

create or replace trigger scenario_events_refuse_rewrite before update or delete on public.scenario_events
    for each row execute function casebase.refuse_rewrite('payload_json', 'timeline_is_append_only');
create or replace trigger scenario_ai_ledger_refuse_rewrite before update or delete on public.scenario_ai_ledger
    for each row execute function casebase.refuse_rewrite('content_json', 'ledger_is_append_only');

create or replace trigger scenario_cases_mark_context_changed after update on public.scenario_cases
    for each row execute function mortgage.mark_case_changed();

create or replace trigger scenario_inputs_mark_context_changed after insert or update or delete on public.scenario_inputs
    for each row execute function mortgage.mark_context_changed();

create or replace trigger scenario_calculations_mark_context_changed after insert or update or delete on public.scenario_calculations
    for each row execute function mortgage.mark_context_changed();

create or replace trigger scenario_outcomes_mark_context_changed after insert or update or delete on public.scenario_outcomes
    for each row execute function mortgage.mark_context_changed();

create or replace trigger scenario_events_mark_context_changed after insert or update or delete on public.scenario_events
    for each row execute function mortgage.mark_context_changed();

create or replace trigger scenario_documents_mark_context_changed after insert or update or delete on public.scenario_documents
    for each row execute function mortgage.mark_context_changed();

create or replace trigger scenario_tags_mark_context_changed after insert or update or delete on public.scenario_tags
    for each row execute function mortgage.mark_context_changed();

create or replace trigger scenario_ai_ledger_mark_context_changed after insert or update or delete on public.scenario_ai_ledger
    for each row execute function mortgage.mark_context_changed();

-- A case without consent takes nothing personal any more, whoever writes.
create or replace trigger scenario_inputs_refuse_after_erasure before insert on public.scenario_inputs
    for each row execute function mortgage.refuse_after_erasure();
create or replace trigger scenario_ai_ledger_refuse_after_erasure before insert on public.scenario_ai_ledger
    for each row execute function mortgage.refuse_after_erasure();
create or replace trigger scenario_documents_refuse_after_erasure before insert on public.scenario_documents
    for each row execute function mortgage.refuse_after_erasure();
create or replace trigger conversations_refuse_after_erasure before insert on mortgage.conversations
    for each row execute function mortgage.refuse_after_erasure();
create or replace trigger scenario_outcomes_refuse_notes_after_erasure before insert or update on public.scenario_outcomes
    for each row when (new.notes is not null) execute function mortgage.refuse_after_erasure();
create or replace trigger scenario_cases_refuse_notes_after_erasure before update on public.scenario_cases
    for each row when (new.erased_at is not null and new.notes is not null)
    execute function mortgage.refuse_notes_after_erasure();
create or replace trigger scenario_events_empty_after_erasure before insert on public.scenario_events
    for each row execute function mortgage.empty_after_erasure();

-- Webhooks hear of an event when its transaction commits.
create or replace trigger scenario_events_publish after insert on public.scenario_events
    for each row execute function mortgage.publish_event();
