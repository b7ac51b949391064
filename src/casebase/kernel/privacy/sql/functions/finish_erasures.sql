-- Definer: kept replies, delivery logs and jobs are nobody's to change, and only a table's owner may analyse it.
-- Their tables are made by later units; they are there by the time anything is erased.
--
-- Once a run and not once a subject: these records have no index by subject, and need none. No caller waits for what is
-- locked here: the lock of ANALYZE keeps only vacuum and changes of the table itself away.
create or replace function casebase.finish_erasures() returns bigint
    language plpgsql security definer
    set search_path = ''
as $$
declare
    v_receipts uuid[];
    v_ids uuid[];
    v_schema text;
    v_name text;
begin
    -- One at a time: the second finds nothing left to do.
    perform pg_advisory_xact_lock(hashtext('casebase.finish_erasures'));
    select coalesce(array_agg(r.id), '{}') into v_receipts
    from casebase.erasure_receipts r where r.finished_at is null and r.erased_at is not null;
    if v_receipts = '{}' then
        return 0;
    end if;
    select array_agg(distinct i.id) into v_ids
    from casebase.erasure_receipts r cross join unnest(r.unsettled_ids) as i (id) where r.id = any (v_receipts);

    delete from casebase.idempotency_keys k
    using (
        select distinct r.principal, r.function, r.key
        from casebase.idempotency_keys r
        cross join lateral casebase.ids_in(r.reply::text) as named (id)
        join unnest(v_ids) i (id) using (id)
    ) g
    where (k.principal, k.function, k.key) = (g.principal, g.function, g.key);

    update casebase.webhook_deliveries d set payload = '{}'
    from unnest(v_ids) i (id) where d.subject_id = i.id and d.payload <> '{}';

    update casebase.dead_jobs d set error = ''
    where d.error <> ''
      and exists (select from casebase.ids_in(d.payload::text) as named (id) join unnest(v_ids) i (id) using (id));
    for v_name in select distinct f.queue from casebase.job_failures f where f.error <> '' loop
        execute format(
            'update casebase.job_failures f set error = '''' from pgmq.%I m
             where f.queue = $1 and f.msg_id = m.msg_id and f.error <> ''''
               and exists (select from casebase.ids_in(m.message::text) as named (id) join unnest($2) i (id) using (id))',
            'q_' || v_name)
        using v_name, v_ids;
    end loop;

    -- pg_stats shows a column's most common values; they stay what they were until the table is analysed again.
    -- In the order of names, so that nobody who does the same can wait for us while we wait for them.
    for v_schema, v_name in
        select distinct split_part(c.key, '.', 1), split_part(c.key, '.', 2)
        from casebase.erasure_receipts r cross join jsonb_object_keys(r.counts) as c (key)
        where r.id = any (v_receipts)
        union
        select 'casebase', t
        from unnest(array['dead_jobs', 'idempotency_keys', 'job_failures', 'webhook_deliveries']) t
        order by 1, 2
    loop
        execute format('analyze %I.%I', v_schema, v_name);
    end loop;

    update casebase.erasure_receipts r set unsettled_ids = null, finished_at = casebase.now() where r.id = any (v_receipts);
    return cardinality(v_receipts);
end
$$;

comment on function casebase.finish_erasures() is
    'Make kept replies, delivery logs, job errors and column statistics forget the subjects whose data was erased; return '
    'how many. What a killed run left is done by the next.';

revoke execute on function casebase.finish_erasures() from public;
grant execute on function casebase.finish_erasures() to casebase_api, service_role;
