-- Definer: deletes nothing but what has expired. skip locked: a call that is replaying a key is never waited for.
create or replace function casebase.purge_idempotency_keys(batch_size int default 1000) returns bigint
    language sql security definer
    set search_path = ''
as $$
    with expired as (
        select k.principal, k.function, k.key from casebase.idempotency_keys k
        where k.expires_at <= casebase.now()
        order by k.expires_at
        limit batch_size
        for update skip locked
    ), gone as (
        delete from casebase.idempotency_keys k using expired e
        where k.principal = e.principal and k.function = e.function and k.key = e.key
        returning 1
    )
    select count(*) from gone
$$;

comment on function casebase.purge_idempotency_keys(int) is 'Delete up to batch_size expired replies and return how many.';

revoke execute on function casebase.purge_idempotency_keys(int) from public;
grant execute on function casebase.purge_idempotency_keys(int) to casebase_api, service_role;
