-- Definer: deletes nothing but what has expired. skip locked: a call that is replaying a key is never waited for.
-- By ctid: the rows are locked, and joined by key the planner reads the whole table.
create or replace function casebase.purge_idempotency_keys(batch_size int default 1000) returns bigint
    language sql security definer
    set search_path = ''
as $$
    with gone as (
        delete from casebase.idempotency_keys k
        where k.ctid = any (array(
            select e.ctid from casebase.idempotency_keys e
            where e.expires_at <= casebase.now()
            order by e.expires_at limit batch_size for update skip locked
        ))
        returning 1
    )
    select count(*) from gone
$$;

comment on function casebase.purge_idempotency_keys(int) is 'Delete up to batch_size expired replies and return how many.';

revoke execute on function casebase.purge_idempotency_keys(int) from public;
grant execute on function casebase.purge_idempotency_keys(int) to casebase_api, service_role;
