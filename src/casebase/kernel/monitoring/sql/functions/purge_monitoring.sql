-- Definer: deletes nothing but what is older than it is kept for. By ctid: the rows are locked, and joined by key the planner
-- reads the whole table. The latest sample of the tables stays, however old it is: a large one has not shrunk because nobody
-- measured it.
create or replace function casebase.purge_monitoring(batch_size int default 1000) returns bigint
    language sql security definer
    set search_path = ''
as $$
    with kept as (
        select k.grain, casebase.now() - k.age as since
        from (values ('minute', interval '48 hours'), ('hour', '90 days'), ('day', '90 days')) as k (grain, age)
    ), old_calls as (
        delete from casebase.call_stats s
        where s.ctid = any (array(
            select o.ctid from kept k join casebase.call_stats o on o.grain = k.grain and o.starts_at < k.since
            limit batch_size for update of o skip locked
        ))
        returning 1
    ), old_pools as (
        delete from casebase.pool_stats s
        where s.ctid = any (array(
            select o.ctid from kept k join casebase.pool_stats o on o.grain = k.grain and o.starts_at < k.since
            limit batch_size for update of o skip locked
        ))
        returning 1
    ), old_samples as (
        delete from casebase.table_samples s
        where s.ctid = any (array(
            select o.ctid from kept k join casebase.table_samples o on o.grain = k.grain and o.starts_at < k.since
            where o.starts_at < (select max(l.starts_at) from casebase.table_samples l where l.grain = 'minute')
            limit batch_size for update of o skip locked
        ))
        returning 1
    ), old_alerts as (
        delete from casebase.alerts s
        where s.ctid = any (array(
            select o.ctid from casebase.alerts o where o.cleared_at < casebase.now() - interval '90 days'
            limit batch_size for update skip locked
        ))
        returning 1
    )
    select (select count(*) from old_calls) + (select count(*) from old_pools)
           + (select count(*) from old_samples) + (select count(*) from old_alerts)
$$;

comment on function casebase.purge_monitoring(int) is
    'Delete up to batch_size rows a table of minutes over 48 hours old, of what else is over 90 days, but never the latest sample of '
    'the tables; return how many.';

revoke execute on function casebase.purge_monitoring(int) from public;
grant execute on function casebase.purge_monitoring(int) to casebase_api, service_role;
