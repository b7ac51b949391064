create or replace function casebase.measure_alerts() returns table (kind text, subject text, value double precision, calls bigint)
    language sql stable
    set search_path = ''
as $$
    select r.kind, t.name,
           case r.kind
               when 'slow_calls' then casebase.bucket_quantile(t.buckets, 0.95)
               else t.failed::double precision / (t.ok + t.refused + t.failed)
           end,
           t.ok + t.refused + t.failed
    from casebase.alert_rules r
    cross join lateral casebase.list_call_totals('function', 'minute', casebase.now() - r.look_back) t
    where r.kind in ('slow_calls', 'failing_calls')
    union all
    select r.kind, 'pool', sum(p.exhausted)::double precision, sum(p.exhausted)::bigint
    from casebase.alert_rules r
    join casebase.pool_stats p on p.grain = 'minute' and p.starts_at > casebase.now() - r.look_back
    where r.kind = 'pool_exhausted'
    group by r.kind
    union all
    select r.kind, s.table_name, s.bytes::double precision, 1
    from casebase.alert_rules r
    join casebase.table_samples s on s.grain = 'minute'
        -- The latest, however old it is: a table has not shrunk because nobody measured it.
        and s.starts_at = (select max(l.starts_at) from casebase.table_samples l where l.grain = 'minute')
    where r.kind = 'large_table'
$$;

comment on function casebase.measure_alerts() is
    'What the rules of casebase.alert_rules look at: a value for each kind and subject, and of how many calls it is.';

revoke execute on function casebase.measure_alerts() from public;
