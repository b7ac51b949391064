create or replace function casebase.describe_alert(
    kind text, subject text, value double precision, threshold double precision, look_back interval,
    out title text, out body text
)
    language sql stable
    set search_path = ''
as $$
    select d.title, d.body || ' docs/runbooks/monitoring.md says what to do.'
    from (values
        ('slow_calls', subject || ' is slow',
         format('Of its calls within %s, 5 %% took longer than %s s; the threshold is %s s.',
             look_back, round(value::numeric, 2), threshold)),
        ('failing_calls', subject || ' fails',
         format('Of its calls within %s, %s %% failed; the threshold is %s %%.',
             look_back, round(100 * value::numeric, 1), trim_scale(round(100 * threshold::numeric, 2)))),
        ('pool_exhausted', 'Connection pool exhausted',
         format('Within %s, %s calls waited for a database connection in vain.', look_back, value)),
        ('large_table', subject || ' is large',
         format('It takes %s on disk; the threshold is %s. Consider partitioning.',
             pg_size_pretty(value::bigint), pg_size_pretty(threshold::bigint)))
    ) as d (kind, title, body)
    where d.kind = describe_alert.kind
$$;

comment on function casebase.describe_alert(text, text, double precision, double precision, interval) is
    'What an alert tells: its title, and its body with value and threshold.';

revoke execute on function casebase.describe_alert(text, text, double precision, double precision, interval) from public;
