create or replace trigger certifications_touch_updated_at before update on public.certifications
    for each row execute function casebase.touch_updated_at();
create or replace trigger notification_preferences_touch_updated_at before update on public.notification_preferences
    for each row execute function casebase.touch_updated_at();
create or replace trigger settings_touch_updated_at before update on notifications.settings
    for each row execute function casebase.touch_updated_at();
create or replace trigger scenario_notifications_fill_window before insert on public.scenario_notifications
    for each row when (new.cooldown_until is null or new.cooldown_window_start is null or new.dedupe_key is null)
    execute function notifications.fill_window();
create or replace trigger scenario_evaluation_runs_tell_live after update on public.scenario_evaluation_runs
    for each row when (old.finished_at is null and new.finished_at is not null)
    execute function notifications.tell_run_live();
