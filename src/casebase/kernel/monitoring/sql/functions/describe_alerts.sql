create or replace function casebase.describe_alerts(
    kind text, subjects text[], measured double precision[], threshold double precision, look_back interval,
    out title text, out body text
)
    language sql stable
    set search_path = ''
as $$
    with told as (
        select s.n, s.subject,
               case kind
                   when 'slow_calls' then round(s.value::numeric, 2) || ' s'
                   when 'failing_calls' then round(100 * s.value::numeric, 1) || ' %'
                   when 'large_table' then pg_size_pretty(s.value::bigint)
                   else s.value::text
               end as value
        from unnest(subjects, measured) with ordinality as s (subject, value, n)
    ), worst as (
        select count(*) as subjects,
               min(t.subject) filter (where t.n = 1) as subject,
               min(t.value) filter (where t.n = 1) as value,
               string_agg(format('%s (%s)', t.subject, t.value), ', ' order by t.n) filter (where t.n <= 5)
               || case when count(*) > 5 then format(' and %s more', count(*) - 5) else '' end as list
        from told t
    ), limits as (
        select case kind
                   when 'failing_calls' then trim_scale(round(100 * threshold::numeric, 2)) || ' %'
                   when 'large_table' then pg_size_pretty(threshold::bigint)
                   else threshold || ' s'
               end as threshold
    )
    select d.title, d.body || ' docs/runbooks/monitoring.md says what to do.'
    from worst w
    cross join limits l
    cross join lateral (values
        ('slow_calls', true, w.subject || ' is slow',
         format('Of its calls within %s, 5 %% took longer than %s; the threshold is %s.', look_back, w.value, l.threshold)),
        ('slow_calls', false, w.subjects || ' functions are slow',
         format('Of each one''s calls within %s, 5 %% took longer than %s, at the worst: %s.', look_back, l.threshold, w.list)),
        ('failing_calls', true, w.subject || ' fails',
         format('Of its calls within %s, %s failed; the threshold is %s.', look_back, w.value, l.threshold)),
        ('failing_calls', false, w.subjects || ' functions fail',
         format('Of each one''s calls within %s, more than %s failed, at the worst: %s.', look_back, l.threshold, w.list)),
        ('pool_exhausted', true, 'Connection pool exhausted',
         format('Within %s, %s calls waited for a database connection in vain.', look_back, w.value)),
        ('large_table', true, w.subject || ' is large',
         format('It takes %s on disk; the threshold is %s. Consider partitioning.', w.value, l.threshold)),
        ('large_table', false, w.subjects || ' tables are large',
         format('Each takes more than %s on disk, at the most: %s. Consider partitioning.', l.threshold, w.list))
    ) as d (kind, is_alone, title, body)
    where d.kind = describe_alerts.kind and d.is_alone = (w.subjects = 1)
$$;

comment on function casebase.describe_alerts(text, text[], double precision[], double precision, interval) is
    'What a message of alerts of one kind, the worst first, tells: its title, and its body with the threshold and the worst five.';

revoke execute on function casebase.describe_alerts(text, text[], double precision[], double precision, interval) from public;
