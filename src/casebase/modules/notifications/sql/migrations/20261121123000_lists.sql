-- What lists an organisation's notifications, newest first. A run writes thousands of one moment, so the page that follows
-- is found by the id: the specified index goes on with it. Failed ones are few among many, and looked for by themselves.

-- Built anew in the same transaction, before the module is used.
-- squawk-ignore require-concurrent-index-deletion
drop index if exists public.scenario_notifications_organization_id_idx;
create index if not exists scenario_notifications_organization_id_idx
    on public.scenario_notifications (organization_id, scenario_type, triggered_at desc, id desc);
create index if not exists scenario_notifications_failed_listed_idx
    on public.scenario_notifications (organization_id, scenario_type, triggered_at desc, id desc)
    where delivery_status = 'failed';
