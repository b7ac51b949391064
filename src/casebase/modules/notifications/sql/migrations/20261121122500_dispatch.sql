-- What the sweep looks for: the pending ones, oldest first.
create index if not exists scenario_notifications_pending_idx
    on public.scenario_notifications (triggered_at) where delivery_status = 'pending';

-- A push service that is away comes back in minutes rather than seconds: eight attempts take about an hour.
select casebase.create_queue('notifications_dispatch', 8);
update casebase.queues set backoff_s = 30 where name = 'notifications_dispatch';
