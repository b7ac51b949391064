-- In the order of their key, so that two statements that change the same days wait for each other and never in a circle.
create or replace function frontdesk.count_changed_days(
    tenant_ids uuid[], slot_ids text[], starts timestamptz[], ends timestamptz[]
) returns void
    language sql
    set search_path = ''
as $$
    with changed as (
        select * from unnest(tenant_ids, slot_ids, starts, ends) c (tenant_id, slot_id, starts_at, ends_at)
    ), touched as (
        select c.tenant_id, c.starts_at, c.ends_at from changed c where c.starts_at is not null
        union
        -- A booking may be older than its slot, and know no time of its own.
        select s.tenant_id, s.starts_at, s.ends_at
        from changed c join public.slots s on s.tenant_id = c.tenant_id and s.slot_id = c.slot_id
    )
    insert into frontdesk.availability_versions as v (tenant_id, day)
    select distinct c.tenant_id, d.day
    from touched c
    -- The tenant may be going too.
    join public.tenants t on t.id = c.tenant_id
    cross join lateral frontdesk.days_of(c.starts_at, c.ends_at) d (day)
    order by 1, 2
    -- Not below the clock: a desk that was restored does not count again what others cached of it before.
    on conflict (tenant_id, day) do update set version = greatest(v.version + 1, excluded.version)
$$;

comment on function frontdesk.count_changed_days(uuid[], text[], timestamptz[], timestamptz[]) is
    'What is free on these times'' days, and on those of these slots, has changed: nothing that was cached of them is asked '
    'for any more.';

revoke execute on function frontdesk.count_changed_days(uuid[], text[], timestamptz[], timestamptz[]) from public;
