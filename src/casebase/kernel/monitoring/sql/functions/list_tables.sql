-- A partitioned table is the sum of its partitions. While a table is being altered its size cannot be had: then there is no list,
-- but nobody waits long for it. One that was dropped meanwhile has no size.
create or replace function casebase.list_tables()
    returns table (
        table_name text, bytes bigint, index_bytes bigint, estimated_rows bigint, sequential_scans bigint, index_scans bigint
    )
    language sql stable
    set search_path = ''
    set lock_timeout = '1s'
as $$
    select o.whole_table,
           sum(s.bytes)::bigint,
           sum(s.index_bytes)::bigint,
           -- Counted live; after a crash, until the next ANALYZE, what the last one saw.
           sum(coalesce(nullif(pg_stat_get_live_tuples(o.relation), 0), greatest(c.reltuples, 0)::bigint))::bigint,
           sum(pg_stat_get_numscans(o.relation))::bigint,
           sum(i.scans)::bigint
    from casebase.own_tables() o
    join pg_catalog.pg_class c on c.oid = o.relation
    cross join lateral (
        select pg_total_relation_size(o.relation) as bytes, pg_indexes_size(o.relation) as index_bytes
    ) s
    cross join lateral (
        select coalesce(sum(pg_stat_get_numscans(x.indexrelid)), 0) as scans
        from pg_catalog.pg_index x where x.indrelid = o.relation
    ) i
    where s.bytes is not null and s.index_bytes is not null
    group by o.whole_table
$$;

comment on function casebase.list_tables() is
    'Our tables as schema.table, partitions as the whole: bytes on disk with and of their indexes, estimated rows, and scans since '
    'statistics began.';

revoke execute on function casebase.list_tables() from public;
grant execute on function casebase.list_tables() to casebase_api;
