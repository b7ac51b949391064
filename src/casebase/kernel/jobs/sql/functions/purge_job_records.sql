-- Definer: deletes nothing but what is older than 30 days. A schedule's latest tick is kept in casebase.schedules.
-- By ctid: the rows are locked, and joined by key the planner reads the whole table.
create or replace function casebase.purge_job_records(batch_size int default 1000) returns bigint
    language sql security definer
    set search_path = ''
as $$
    with old_keys as (
        delete from casebase.job_keys k
        where k.ctid = any (array(
            select o.ctid from casebase.job_keys o
            where o.created_at < casebase.now() - interval '30 days'
            order by o.created_at limit batch_size for update skip locked
        ))
        returning 1
    ), old_runs as (
        delete from casebase.schedule_runs r
        where r.ctid = any (array(
            select o.ctid from casebase.schedule_runs o
            where o.created_at < casebase.now() - interval '30 days'
            order by o.created_at limit batch_size for update skip locked
        ))
        returning 1
    )
    select (select count(*) from old_keys) + (select count(*) from old_runs)
$$;

comment on function casebase.purge_job_records(int) is
    'Delete up to batch_size job keys and as many schedule runs that are over 30 days old; return how many.';

revoke execute on function casebase.purge_job_records(int) from public;
grant execute on function casebase.purge_job_records(int) to casebase_api, service_role;
