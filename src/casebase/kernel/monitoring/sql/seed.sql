-- The specified thresholds. What an operator has changed stays.
insert into casebase.alert_rules (kind, threshold, clears_at, look_back, least_calls, clears_after) values
    ('slow_calls', 1, 0.8, '5 minutes', 20, '5 minutes'),
    ('failing_calls', 0.05, 0.04, '5 minutes', 20, '5 minutes'),
    ('pool_exhausted', 0, 0, '5 minutes', 1, '5 minutes'),
    ('large_table', 10 * 1024 ^ 3, 9 * 1024 ^ 3, '0', 1, '0')
on conflict (kind) do nothing;
select casebase.create_queue('casebase_monitoring');
