-- Takes the module out, with all its data.

select pgmq.drop_queue(q) from unnest(array['notifications_evaluate', 'notifications_dispatch']) q
where exists (select from casebase.queues where name = q);
delete from casebase.queues where name in ('notifications_evaluate', 'notifications_dispatch');

-- The exposed functions.
drop function
    public.get_notification_overview(uuid, date, date), public.list_scenario_notifications(uuid, text, text, uuid, text, int),
    public.list_due_notifications(uuid, text, text, uuid, int), public.list_evaluation_runs(uuid, text, int),
    public.count_due_notifications(uuid),
    public.get_notification_recipient(uuid, uuid), public.get_scenario_config(uuid), public.set_scenario_config(jsonb),
    public.get_notification_settings(uuid), public.set_notification_settings(jsonb);
drop function public.evaluate_scenarios(jsonb), public.queue_scenario_evaluations(jsonb),
    public.request_scenario_evaluation(uuid, text[]), public.list_scenario_organizations(text);
drop function public.list_my_notifications(timestamptz, int);
drop function public.mark_notification_read(uuid);
drop function public.get_notification_preferences();
drop function public.set_notification_preferences(jsonb);
drop function public.register_device_token(text, text);
drop function public.revoke_device_token(text);
drop function public.insert_scenario_notification(jsonb);
drop function public.list_last_sent_times(uuid[], text, uuid);
drop function public.list_sent_since_threshold(uuid[], text, timestamptz, uuid);
drop function public.list_milestone_records(uuid[], int);
drop function public.record_activities(jsonb), public.set_certifications(jsonb), public.remove_certification(uuid),
    public.list_my_certifications();
drop function public.open_scenario_notification(uuid, boolean), public.sweep_scenario_notifications(int),
    public.resend_failed_notifications(jsonb);

-- Those of the implementation, some of which speak of the tables' rows; at once, as one may be another's default. A
-- trigger and a constraint hold some of them, which go with the schema.
do $$
begin
    execute (
        select format('drop function %s', string_agg(p.oid::regprocedure::text, ', '))
        from pg_catalog.pg_proc p
        where p.pronamespace = 'notifications'::regnamespace and p.proname not in ('fill_window', 'holds_personal_data', 'tell_run_live'));
end
$$;

drop table notifications.templates, notifications.certification_stages, public.scenario_notifications,
    notifications.run_counts, public.scenario_evaluation_runs, public.scenario_evaluation_config,
    notifications.scenario_defaults, notifications.settings, public.notification_preferences, public.device_tokens,
    public.certifications, public.activities;

drop schema notifications cascade;
