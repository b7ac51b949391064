-- Each run that ends removes more than it added, of whatever organisation, so there is no other purge. Rows that another
-- run removes are left to it.
create or replace function notifications.purge_runs() returns void
    language sql
    set search_path = ''
as $$
    delete from public.scenario_evaluation_runs r
    where r.ctid = any (array(
        select o.ctid from public.scenario_evaluation_runs o
        where o.keep_until <= casebase.now()
        order by o.keep_until limit 100 for update skip locked
    ))
$$;

comment on function notifications.purge_runs() is 'Remove a hundred of the runs that need not be kept any longer.';

revoke execute on function notifications.purge_runs() from public;
