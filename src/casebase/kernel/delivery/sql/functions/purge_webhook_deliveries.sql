-- Definer: deletes nothing but what is older than 30 days; and secrets that ended, which nothing needs any more.
-- By ctid: the rows are locked, and joined by key the planner reads the whole table.
create or replace function casebase.purge_webhook_deliveries(batch_size int default 1000) returns bigint
    language sql security definer
    set search_path = ''
as $$
    update casebase.webhook_endpoints e set previous_secret = null, previous_secret_until = null
    where e.previous_secret_until <= casebase.now();

    with gone as (
        delete from casebase.webhook_deliveries d
        where d.ctid = any (array(
            select o.ctid from casebase.webhook_deliveries o
            where o.created_at < casebase.now() - interval '30 days'
            order by o.created_at limit batch_size for update skip locked
        ))
        returning 1
    )
    select count(*) from gone
$$;

comment on function casebase.purge_webhook_deliveries(int) is
    'Delete up to batch_size deliveries that are over 30 days old and return how many; forget secrets that ended.';

revoke execute on function casebase.purge_webhook_deliveries(int) from public;
grant execute on function casebase.purge_webhook_deliveries(int) to casebase_api, service_role;
