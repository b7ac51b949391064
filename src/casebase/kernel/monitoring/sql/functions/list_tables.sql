-- Each partition for itself: it is one table on disk that grows too large. A table that is being altered keeps its size to
-- itself meanwhile, and nobody waits long for it.
create or replace function casebase.list_tables()
    returns table (
        table_name text, bytes bigint, index_bytes bigint, estimated_rows bigint, sequential_scans bigint, index_scans bigint
    )
    language sql stable
    set search_path = ''
    set lock_timeout = '1s'
as $$
    select o.table_name,
           pg_total_relation_size(o.relation),
           pg_indexes_size(o.relation),
           -- Counted live; after a crash, until the next ANALYZE, what the last one saw.
           coalesce(nullif(pg_stat_get_live_tuples(o.relation), 0), greatest(c.reltuples, 0)::bigint),
           pg_stat_get_numscans(o.relation),
           (select coalesce(sum(pg_stat_get_numscans(i.indexrelid)), 0)::bigint
            from pg_catalog.pg_index i where i.indrelid = o.relation)
    from casebase.own_tables() o
    join pg_catalog.pg_class c on c.oid = o.relation
$$;

comment on function casebase.list_tables() is
    'Our tables as schema.table: bytes on disk with and of their indexes, estimated rows, and scans since statistics began.';

revoke execute on function casebase.list_tables() from public;
grant execute on function casebase.list_tables() to casebase_api;
