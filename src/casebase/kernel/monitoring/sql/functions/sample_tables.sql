-- Definer: the samples belong to the owner. A sample of five minutes is taken once, whoever asks; a job that is run again
-- finds it. An hour and a day take the first sample in them whole: a table that comes later is not in it, so that it is known to
-- have come.
create or replace function casebase.sample_tables() returns bigint
    language sql security definer
    set search_path = ''
as $$
    with taken as (
        insert into casebase.table_samples
        select g.grain, g.starts_at, t.table_name, t.bytes, t.index_bytes, t.estimated_rows, t.sequential_scans, t.index_scans
        from casebase.list_tables() t
        cross join (
            select k.grain, date_bin(k.step, casebase.now(), '2001-01-01 00:00:00+00') as starts_at
            from (values ('minute', interval '5 minutes'), ('hour', '1 hour'), ('day', '1 day')) as k (grain, step)
        ) g
        where not exists (
            select from casebase.table_samples o where o.grain = g.grain and o.starts_at = g.starts_at)
        on conflict (grain, starts_at, table_name) do nothing
        returning 1
    )
    select count(*) from taken
$$;

comment on function casebase.sample_tables() is 'Write down the sizes and the use of our tables at this moment; return how many rows that made.';

revoke execute on function casebase.sample_tables() from public;
grant execute on function casebase.sample_tables() to casebase_api;
