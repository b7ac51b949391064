-- In the order of their key, so that two statements that change the same days wait for each other and never in a circle.
create or replace function frontdesk.count_changed_days(
    tenant_ids uuid[], starts timestamptz[], ends timestamptz[]
) returns void
    language sql
    set search_path = ''
as $$
    insert into frontdesk.availability_versions as v (tenant_id, day)
    select distinct c.tenant_id, d.day
    from unnest(tenant_ids, starts, ends) c (tenant_id, starts_at, ends_at)
    -- The tenant may be going too.
    join public.tenants t on t.id = c.tenant_id
    cross join lateral frontdesk.days_of(c.starts_at, c.ends_at) d (day)
    order by 1, 2
    on conflict (tenant_id, day) do update set version = v.version + 1
$$;

comment on function frontdesk.count_changed_days(uuid[], timestamptz[], timestamptz[]) is
    'What is free on these times'' days has changed, so nothing that was cached of them is asked for any more.';

revoke execute on function frontdesk.count_changed_days(uuid[], timestamptz[], timestamptz[]) from public;
