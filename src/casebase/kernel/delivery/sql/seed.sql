-- A receiver that is down comes back in minutes or hours, not seconds: eight attempts in about an hour. An operator's
-- own delay stays.
insert into casebase.queues (name, max_attempts, backoff_s) values
    ('casebase_webhooks', 8, 30),
    ('casebase_alerts', 8, 10)
on conflict (name) do nothing;
select casebase.create_queue('casebase_webhooks', 8);
select casebase.create_queue('casebase_alerts', 8);
