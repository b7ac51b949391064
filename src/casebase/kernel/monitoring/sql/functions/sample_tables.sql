-- Definer: the samples belong to the owner. A sample of five minutes is taken once, whoever asks; a job that is run again
-- finds it.
create or replace function casebase.sample_tables() returns bigint
    language sql security definer
    set search_path = ''
as $$
    with taken as (
        insert into casebase.table_samples
        select g.grain,
               date_bin(g.step, casebase.now(), '2001-01-01 00:00:00+00'),
               t.table_name, t.bytes, t.index_bytes, t.estimated_rows, t.sequential_scans, t.index_scans
        from casebase.list_tables() t
        cross join (values ('minute', interval '5 minutes'), ('hour', '1 hour'), ('day', '1 day')) as g (grain, step)
        on conflict (grain, starts_at, table_name) do nothing
        returning 1
    )
    select count(*) from taken
$$;

comment on function casebase.sample_tables() is 'Write down the sizes and the use of our tables at this moment; return how many rows that made.';

revoke execute on function casebase.sample_tables() from public;
grant execute on function casebase.sample_tables() to casebase_api;
