-- Definer: the samples belong to the owner.
create or replace function casebase.read_table_metrics()
    returns table (
        table_name text, bytes bigint, index_bytes bigint, estimated_rows bigint, row_growth bigint,
        sequential_scans bigint, index_scans bigint
    )
    language sql stable security definer
    set search_path = ''
as $$
    select t.table_name, t.bytes, t.index_bytes, t.estimated_rows, t.estimated_rows - s.estimated_rows,
           t.sequential_scans, t.index_scans
    from casebase.list_tables() t
    left join casebase.table_samples s on s.grain = 'hour' and s.table_name = t.table_name
        and s.starts_at = (
            select min(f.starts_at) from casebase.table_samples f
            where f.grain = 'hour' and f.starts_at > casebase.now() - interval '24 hours')
$$;

comment on function casebase.read_table_metrics() is
    'What /metrics says of our tables; row_growth is since the first sample of the last 24 hours, null where there is none.';

revoke execute on function casebase.read_table_metrics() from public;
grant execute on function casebase.read_table_metrics() to casebase_api;
