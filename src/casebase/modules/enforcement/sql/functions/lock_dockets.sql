-- A docket's row comes with a judgment's. Looking first and then writing both keeps a second writer of the same docket
-- from leaving a judgment without one; the constraint one_row_a_docket is what holds, whoever writes.
create or replace function enforcement.lock_dockets(tenant_id uuid) returns void
    language sql
    set search_path = ''
as $$
    select pg_advisory_xact_lock(hashtextextended('enforcement.dockets:' || tenant_id, 0))
$$;

comment on function enforcement.lock_dockets(uuid) is 'Put those who would add dockets to a tenant in line, until the transaction ends.';

revoke execute on function enforcement.lock_dockets(uuid) from public;
