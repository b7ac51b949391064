-- Definer: whoever may call the database must not thereby read how others do. Written in the order of the keys, so that two
-- processes wait for each other in line and never in a circle. The minute is that of the writing: no two clocks are compared.
create or replace function casebase.add_call_stats(calls jsonb, pool jsonb) returns void
    language plpgsql security definer
    set search_path = ''
    set lock_timeout = '5s'
as $$
begin
    insert into casebase.call_stats as s (grain, starts_at, kind, name, ok, refused, failed, seconds, buckets)
    select g.grain, date_trunc(g.grain, casebase.now(), 'UTC'), c.kind, c.name, c.ok, c.refused, c.failed, c.seconds, c.buckets
    from jsonb_to_recordset(calls) as c (
        kind text, name text, ok bigint, refused bigint, failed bigint, seconds double precision, buckets bigint[])
    cross join (values ('minute'), ('hour'), ('day')) as g (grain)
    order by g.grain, c.kind, c.name
    on conflict (grain, starts_at, kind, name) do update
        set ok = s.ok + excluded.ok, refused = s.refused + excluded.refused, failed = s.failed + excluded.failed,
            seconds = s.seconds + excluded.seconds, buckets = casebase.add_buckets(s.buckets, excluded.buckets);

    insert into casebase.pool_stats as s (grain, starts_at, size, most_lent, waited, exhausted)
    select g.grain, date_trunc(g.grain, casebase.now(), 'UTC'), p.size, p.most_lent, p.waited, p.exhausted
    from jsonb_to_record(pool) as p (size int, most_lent int, waited bigint, exhausted bigint)
    cross join (values ('minute'), ('hour'), ('day')) as g (grain)
    order by g.grain
    on conflict (grain, starts_at) do update
        set size = greatest(s.size, excluded.size), most_lent = greatest(s.most_lent, excluded.most_lent),
            waited = s.waited + excluded.waited, exhausted = s.exhausted + excluded.exhausted;
end
$$;

comment on function casebase.add_call_stats(jsonb, jsonb) is
    'Add what a process counted since it last did: calls [{kind, name, ok, refused, failed, seconds, buckets}] and its pool '
    '{size, most_lent, waited, exhausted}.';

revoke execute on function casebase.add_call_stats(jsonb, jsonb) from public;
grant execute on function casebase.add_call_stats(jsonb, jsonb) to casebase_api;
