create or replace trigger plaintiffs_touch_updated_at before update on public.plaintiffs
    for each row execute function casebase.touch_updated_at();
create or replace trigger judgments_touch_updated_at before update on public.judgments
    for each row execute function casebase.touch_updated_at();
create or replace trigger cases_touch_updated_at before update on judgments.cases
    for each row execute function casebase.touch_updated_at();
create or replace trigger entities_touch_updated_at before update on enrichment.entities
    for each row execute function casebase.touch_updated_at();
create or replace trigger enforcement_cases_touch_updated_at before update on public.enforcement_cases
    for each row execute function casebase.touch_updated_at();
create or replace trigger plaintiff_tasks_touch_updated_at before update on public.plaintiff_tasks
    for each row execute function casebase.touch_updated_at();
create or replace trigger enforcement_actions_touch_updated_at before update on public.enforcement_actions
    for each row execute function casebase.touch_updated_at();
create or replace trigger settings_touch_updated_at before update on enforcement.settings
    for each row execute function casebase.touch_updated_at();

create or replace trigger plaintiff_tasks_take_tier before insert on public.plaintiff_tasks
    for each row execute function enforcement.take_tier();
create or replace trigger enforcement_cases_pass_tier_on after update on public.enforcement_cases
    referencing new table as changed for each statement execute function enforcement.pass_tier_on();

create or replace trigger enforcement_cases_take_rank before insert on public.enforcement_cases
    for each row execute function enforcement.take_rank();
create or replace trigger cases_pass_rank_on after update on judgments.cases
    for each row when (
        (old.collectability_tier, old.priority_level, old.judgment_amount, old.county, old.state)
        is distinct from (new.collectability_tier, new.priority_level, new.judgment_amount, new.county, new.state))
    execute function enforcement.pass_rank_on();
create or replace trigger enforcement_cases_mark_opened after insert on public.enforcement_cases
    referencing new table as opened for each statement execute function enforcement.mark_opened();
create or replace trigger enforcement_cases_count_opened after insert on public.enforcement_cases
    referencing new table as opened for each statement execute function enforcement.count_opened_cases();
create or replace trigger enforcement_cases_count_changed after update on public.enforcement_cases
    referencing old table as before new table as after
    for each statement execute function enforcement.count_changed_cases();

-- What happened stays as it was written.
create or replace trigger enforcement_events_refuse_rewrite before update or delete on public.enforcement_events
    for each row execute function casebase.refuse_rewrite('needs_document', 'events_are_append_only');
create or replace trigger enforcement_history_refuse_rewrite before update or delete on public.enforcement_history
    for each row execute function casebase.refuse_rewrite('note', 'history_is_append_only');
create or replace trigger enforcement_payments_refuse_rewrite before update or delete on public.enforcement_payments
    for each row execute function casebase.refuse_rewrite('document_path', 'payments_are_append_only');
create or replace trigger plaintiff_call_attempts_refuse_rewrite before update or delete on public.plaintiff_call_attempts
    for each row execute function casebase.refuse_rewrite('notes', 'call_attempts_are_append_only');
create or replace trigger contact_views_refuse_rewrite before update or delete on enforcement.contact_views
    for each row execute function casebase.refuse_rewrite('', 'contact_views_are_append_only');
create or replace trigger plaintiff_status_history_refuse_rewrite before update or delete on public.plaintiff_status_history
    for each row execute function casebase.refuse_rewrite('reason', 'history_is_append_only');
