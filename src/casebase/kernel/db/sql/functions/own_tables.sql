create or replace function casebase.own_tables() returns table (relation oid, table_name text, whole_table text)
    language sql stable
    set search_path = ''
as $$
    select c.oid,
           c.relnamespace::regnamespace::text || '.' || quote_ident(c.relname),
           w.relnamespace::regnamespace::text || '.' || quote_ident(w.relname)
    from pg_catalog.pg_class c
    join pg_catalog.pg_class w on w.oid = coalesce(pg_partition_root(c.oid)::oid, c.oid)
    where c.relkind = 'r' and c.relpersistence <> 't'
      and c.relnamespace not in ('pg_catalog'::regnamespace, 'information_schema'::regnamespace)
      and c.relowner = (select n.nspowner from pg_catalog.pg_namespace n where n.nspname = 'casebase')
$$;

comment on function casebase.own_tables() is
    'The tables that migrations made, as schema.table, and for a partition the table it is part of: those of whoever owns '
    'schema casebase, so none of Supabase''s.';

revoke execute on function casebase.own_tables() from public;
grant execute on function casebase.own_tables() to casebase_api;
