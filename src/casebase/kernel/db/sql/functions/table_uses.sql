-- The tables of casebase.own_tables, of which only those used are named: with a thousand partitions naming all takes far longer
-- than a call.
create or replace function casebase.table_uses() returns table (table_name text, uses bigint)
    language sql
    set search_path = ''
as $$
    with used as materialized (
        select c.oid, u.uses
        from pg_catalog.pg_class c
        cross join lateral (
            select pg_stat_get_xact_numscans(c.oid) + pg_stat_get_xact_tuples_inserted(c.oid)
                   + pg_stat_get_xact_tuples_updated(c.oid) + pg_stat_get_xact_tuples_deleted(c.oid) as uses
        ) u
        where c.relkind in ('r', 'i') and c.relpersistence <> 't'
          and c.relnamespace not in (
              'pg_catalog'::regnamespace, 'information_schema'::regnamespace, 'pg_toast'::regnamespace)
          and c.relowner = (select n.nspowner from pg_catalog.pg_namespace n where n.nspname = 'casebase')
          and u.uses > 0
    )
    select w.relnamespace::regnamespace::text || '.' || quote_ident(w.relname), sum(u.uses)::bigint
    from used u
    left join pg_catalog.pg_index i on i.indexrelid = u.oid
    join pg_catalog.pg_class w
        on w.oid = coalesce(pg_partition_root(coalesce(i.indrelid, u.oid))::oid, i.indrelid, u.oid)
    group by w.oid, w.relnamespace, w.relname
$$;

comment on function casebase.table_uses() is
    'The tables that this session used and how often, since its counters were last flushed: so the uses of the transactions '
    'just before may be among them.';

revoke execute on function casebase.table_uses() from public;
grant execute on function casebase.table_uses() to casebase_api;
