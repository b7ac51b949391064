-- Definer: the samples belong to the owner. All tables are sampled at once: one that the first sample of the day has not was made
-- since, and all its rows are new.
create or replace function casebase.read_table_metrics()
    returns table (
        table_name text, bytes bigint, index_bytes bigint, estimated_rows bigint, row_growth bigint,
        sequential_scans bigint, index_scans bigint
    )
    language sql stable security definer
    set search_path = ''
as $$
    select t.table_name, t.bytes, t.index_bytes, t.estimated_rows,
           case when f.starts_at is not null then t.estimated_rows - coalesce(s.estimated_rows, 0) end,
           t.sequential_scans, t.index_scans
    from casebase.list_tables() t
    cross join (
        select min(o.starts_at) as starts_at from casebase.table_samples o
        where o.grain = 'hour' and o.starts_at > casebase.now() - interval '24 hours'
    ) f
    left join casebase.table_samples s on s.grain = 'hour' and s.starts_at = f.starts_at and s.table_name = t.table_name
$$;

comment on function casebase.read_table_metrics() is
    'What /metrics says of our tables; row_growth is since the first sample of the last 24 hours, null where there is none.';

revoke execute on function casebase.read_table_metrics() from public;
grant execute on function casebase.read_table_metrics() to casebase_api;
