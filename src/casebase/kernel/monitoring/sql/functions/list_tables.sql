-- Each partition for itself: it is one table on disk that grows too large. While one is being altered its size cannot be had:
-- then there is no list, but nobody waits long for it. One that was dropped meanwhile has no size.
create or replace function casebase.list_tables()
    returns table (
        table_name text, bytes bigint, index_bytes bigint, estimated_rows bigint, sequential_scans bigint, index_scans bigint
    )
    language sql stable
    set search_path = ''
    set lock_timeout = '1s'
as $$
    select o.table_name,
           s.bytes,
           s.index_bytes,
           -- Counted live; after a crash, until the next ANALYZE, what the last one saw.
           coalesce(nullif(pg_stat_get_live_tuples(o.relation), 0), greatest(c.reltuples, 0)::bigint),
           pg_stat_get_numscans(o.relation),
           (select coalesce(sum(pg_stat_get_numscans(i.indexrelid)), 0)::bigint
            from pg_catalog.pg_index i where i.indrelid = o.relation)
    from casebase.own_tables() o
    join pg_catalog.pg_class c on c.oid = o.relation
    cross join lateral (
        select pg_total_relation_size(o.relation) as bytes, pg_indexes_size(o.relation) as index_bytes
    ) s
    where s.bytes is not null and s.index_bytes is not null
$$;

comment on function casebase.list_tables() is
    'Our tables as schema.table: bytes on disk with and of their indexes, estimated rows, and scans since statistics began.';

revoke execute on function casebase.list_tables() from public;
grant execute on function casebase.list_tables() to casebase_api;
