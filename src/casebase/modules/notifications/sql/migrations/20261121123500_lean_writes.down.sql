alter table public.scenario_notifications
    add constraint scenario_notifications_id_organization_id_key unique (id, organization_id);
