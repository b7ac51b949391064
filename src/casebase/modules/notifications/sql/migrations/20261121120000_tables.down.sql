-- Takes the module out, with all its data.

select pgmq.drop_queue(q) from unnest(array['notifications_evaluate', 'notifications_dispatch']) q
where exists (select from casebase.queues where name = q);
delete from casebase.queues where name in ('notifications_evaluate', 'notifications_dispatch');

-- The exposed functions.
drop function public.evaluate_scenarios(jsonb);
drop function public.record_activities(jsonb), public.set_certifications(jsonb), public.remove_certification(uuid),
    public.list_my_certifications();

drop table notifications.templates, notifications.certification_stages, public.scenario_notifications,
    notifications.run_counts, public.scenario_evaluation_runs, public.scenario_evaluation_config,
    notifications.scenario_defaults, notifications.settings, public.notification_preferences, public.device_tokens,
    public.certifications, public.activities;

drop schema notifications cascade;
