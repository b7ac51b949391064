create or replace function casebase.table_uses() returns table (table_name text, uses bigint)
    language sql
    set search_path = ''
as $$
    select o.whole_table, sum(u.uses)::bigint
    from casebase.own_tables() o
    cross join lateral (
        select pg_stat_get_xact_numscans(o.relation) + pg_stat_get_xact_tuples_inserted(o.relation)
               + pg_stat_get_xact_tuples_updated(o.relation) + pg_stat_get_xact_tuples_deleted(o.relation)
               + (select coalesce(sum(pg_stat_get_xact_numscans(i.indexrelid)), 0)
                  from pg_catalog.pg_index i where i.indrelid = o.relation) as uses
    ) u
    where u.uses > 0
    group by o.whole_table
$$;

comment on function casebase.table_uses() is
    'The tables that this session used and how often, since its counters were last flushed: so the uses of the transactions '
    'just before may be among them.';

revoke execute on function casebase.table_uses() from public;
grant execute on function casebase.table_uses() to casebase_api;
