create or replace function frontdesk.lock_metric_months() returns void
    language sql
    set search_path = ''
as $$
    select pg_catalog.pg_advisory_xact_lock(pg_catalog.hashtextextended('frontdesk.metric_months', 0))
$$;

comment on function frontdesk.lock_metric_months() is
    'Wait until nobody else makes or takes out months of metrics; until the transaction ends.';

revoke execute on function frontdesk.lock_metric_months() from public;
