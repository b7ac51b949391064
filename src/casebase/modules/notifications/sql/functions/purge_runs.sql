-- Each run that ends removes more than it added, of whatever organisation, so there is no other purge. Rows that another
-- run removes are left to it.
create or replace function notifications.purge_runs() returns void
    language sql
    set search_path = ''
as $$
    delete from public.scenario_evaluation_runs r
    where r.ctid = any (array(
        select o.ctid from public.scenario_evaluation_runs o
        where o.started_at < casebase.now() - interval '90 days'
        order by o.started_at limit 100 for update skip locked
    ))
$$;

comment on function notifications.purge_runs() is 'Remove the hundred oldest runs that began more than 90 days ago.';

revoke execute on function notifications.purge_runs() from public;
