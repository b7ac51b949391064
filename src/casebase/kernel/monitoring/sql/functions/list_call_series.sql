-- A call is counted once, by its function: a table's counts are of the same calls.
create or replace function casebase.list_call_series(grain text, step interval, since timestamptz)
    returns table (starts_at timestamptz, calls bigint, failed bigint, buckets bigint[])
    language sql stable
    set search_path = ''
as $$
    select b.starts_at, max(b.ended), max(b.failed), array_agg(b.calls order by b.n)
    from (
        select date_bin(step, s.starts_at, '2001-01-01 00:00:00+00') as starts_at, u.n, sum(u.calls)::bigint as calls,
               sum(s.ok + s.refused + s.failed)::bigint as ended, sum(s.failed)::bigint as failed
        from casebase.call_stats s
        cross join lateral unnest(s.buckets) with ordinality as u (calls, n)
        where s.kind = 'function' and s.grain = list_call_series.grain and s.starts_at > since
        group by 1, u.n
    ) b
    group by b.starts_at
$$;

comment on function casebase.list_call_series(text, interval, timestamptz) is
    'The sums of all calls since an instant, by steps of time; steps without a call are left out.';

revoke execute on function casebase.list_call_series(text, interval, timestamptz) from public;
