-- Without those that keep a rule: a unique index works whether or not anybody scans it. Of a partitioned table an index is one, and
-- used where it is in any partition: that nobody asked the coming months yet says nothing. Sizes as VACUUM last saw them: asked of
-- the files they would wait for whoever rebuilds one, and the page of monitoring with them.
create or replace function casebase.list_unused_indexes() returns table (index_name text, table_name text, bytes bigint)
    language sql stable
    set search_path = ''
as $$
    select w.relnamespace::regnamespace::text || '.' || quote_ident(w.relname), o.whole_table,
           sum(x.relpages)::bigint * current_setting('block_size')::bigint
    from casebase.own_tables() o
    join pg_catalog.pg_index i on i.indrelid = o.relation
    join pg_catalog.pg_class x on x.oid = i.indexrelid
    join pg_catalog.pg_class w on w.oid = coalesce(pg_partition_root(x.oid)::oid, x.oid)
    where not i.indisunique and not i.indisexclusion
    group by w.oid, w.relnamespace, w.relname, o.whole_table
    having sum(pg_stat_get_numscans(x.oid)) = 0
$$;

comment on function casebase.list_unused_indexes() is
    'Indexes of our tables, of partitions as the whole, that nothing scanned since statistics began and that keep no rule.';

revoke execute on function casebase.list_unused_indexes() from public;
