drop index public.scenario_notifications_failed_listed_idx;
drop index public.scenario_notifications_organization_id_idx;
create index scenario_notifications_organization_id_idx
    on public.scenario_notifications (organization_id, scenario_type, triggered_at desc);
