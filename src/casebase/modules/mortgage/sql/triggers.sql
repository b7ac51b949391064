create or replace trigger leads_touch_updated_at before update on public.leads
    for each row execute function mortgage.touch_updated_at();
create or replace trigger consents_touch_updated_at before update on public.consents
    for each row execute function mortgage.touch_updated_at();
create or replace trigger scenario_cases_touch_updated_at before update on public.scenario_cases
    for each row execute function mortgage.touch_updated_at();
create or replace trigger scenario_outcomes_touch_updated_at before update on public.scenario_outcomes
    for each row execute function mortgage.touch_updated_at();

create or replace trigger consents_copy_until after update of until, withdrawn_at on public.consents
    for each row execute function mortgage.copy_consent_until();

create or replace trigger scenario_events_refuse_rewrite before update or delete on public.scenario_events
    for each row execute function mortgage.refuse_rewrite();
