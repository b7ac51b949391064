create or replace function casebase.list_call_totals(kind text, grain text, since timestamptz)
    returns table (
        name text, ok bigint, refused bigint, failed bigint, seconds double precision, buckets bigint[]
    )
    language sql stable
    set search_path = ''
as $$
    select b.name, max(b.ok), max(b.refused), max(b.failed), max(b.seconds), array_agg(b.calls order by b.n)
    from (
        select s.name, u.n, sum(u.calls)::bigint as calls, sum(s.ok)::bigint as ok, sum(s.refused)::bigint as refused,
               sum(s.failed)::bigint as failed, sum(s.seconds) as seconds
        from casebase.call_stats s
        cross join lateral unnest(s.buckets) with ordinality as u (calls, n)
        where s.kind = list_call_totals.kind and s.grain = list_call_totals.grain and s.starts_at > since
        group by s.name, u.n
    ) b
    group by b.name
$$;

comment on function casebase.list_call_totals(text, text, timestamptz) is
    'The sums of casebase.call_stats since an instant, by name, read by minutes, hours or days.';

revoke execute on function casebase.list_call_totals(text, text, timestamptz) from public;
