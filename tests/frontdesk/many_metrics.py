"""A front desk after three months: metrics of many tenants, counted up to the hour, with bookings and orders beside them."""

from __future__ import annotations

from uuid import UUID

import asyncpg

TENANTS = 20
NAMES = 10
DAYS = 90
PEOPLE = 2_000
LARGE_TENANT = UUID(int=1)
"""Half of all metrics are its; of the others each has one in forty."""
TENANT = UUID(int=7)
ADMINISTRATOR = UUID(int=900)
"""An admin of both. Each tenant has a hundred members besides."""

_TENANTS = f"""
    insert into public.tenants (id, slug, name)
    select lpad(to_hex(n), 32, '0')::uuid, 't' || n, 'Tenant ' || n from generate_series(1, {TENANTS}) n;
    insert into auth.users (id, email, email_confirmed_at)
    select lpad(to_hex(1000 + n), 32, '0')::uuid, 'u' || n || '@many.example', now() from generate_series(0, {PEOPLE} - 1) n
    union all select '{ADMINISTRATOR}', 'administrator@many.example', now();
    insert into public.tenant_users (tenant_id, user_id, role)
    select lpad(to_hex(1 + n % {TENANTS}), 32, '0')::uuid, lpad(to_hex(1000 + n), 32, '0')::uuid, 'member'
    from generate_series(0, {PEOPLE} - 1) n
    union all select unnest(array['{LARGE_TENANT}', '{TENANT}']::uuid[]), '{ADMINISTRATOR}', 'admin';
    select public.maintain_metric_partitions();
    -- The months behind, which nobody recorded anything in before.
    select frontdesk.make_metric_month(m::date)
    from generate_series(date_trunc('month', casebase.now() - interval '{DAYS} days'), casebase.now(), interval '1 month') m
"""

_METRICS = f"""
    insert into public.analytics_metrics (tenant_id, name, value, tags, created_at)
    select lpad(to_hex(case when n % 2 = 0 then 1 else 1 + n / 2 % {TENANTS} end), 32, '0')::uuid,
           'desk.metric_' || h.hash % {NAMES}, h.hash % 9973 / 10.0,
           (array['{{"channel": "web"}}', '{{"channel": "phone"}}', '{{"channel": "chat", "language": "nb"}}']::jsonb[])[1 + h.hash % 3],
           casebase.now() - (@count@ - n) * (interval '{DAYS} days' / @count@)
    from generate_series(1, @count@) n
    cross join lateral (select hashint4(n) & 2147483647 as hash) h
"""

# All that is over, at once; what is not is marked, as writers do.
_ROLLUPS = """
    insert into public.metric_rollups (tenant_id, name, granularity, starts_at, count, sum, min, max, p50, p95, p99)
    select tenant_id, name, @step@, starts_at, count, sum, min, max, p[1], p[2], p[3]
    from (
        select tenant_id, name, date_trunc(@step@, created_at, 'UTC') as starts_at, count(*) as count,
               sum(value::numeric) as sum, min(value::numeric) as min, max(value::numeric) as max,
               percentile_disc(array[0.5, 0.95, 0.99]) within group (order by value::numeric) as p
        from public.analytics_metrics
        where created_at < date_trunc(@step@, casebase.now(), 'UTC')
        group by 1, 2, 3) counted
"""
_MARKS = """
    insert into frontdesk.metric_marks (tenant_id, name, starts_at)
    select distinct tenant_id, name, date_trunc('hour', created_at, 'UTC') from public.analytics_metrics
    where created_at >= date_trunc('hour', casebase.now(), 'UTC')
"""

# An hour each, eight hours a day at twenty resources, before and after now; seven days of slots, nine of ten are taken.
_BOOKINGS = f"""
    create temporary table made as
    select lpad(to_hex(1 + n % {TENANTS}), 32, '0')::uuid as tenant_id, 's' || n as slot_id, 'chair ' || n / {TENANTS} % 20 as resource,
           lpad(to_hex(1000 + n % {PEOPLE}), 32, '0')::uuid as user_id, n % 10 < 9 as is_taken,
           date_trunc('day', casebase.now()) + d.hour % 8 * interval '1 hour' + (d.hour - d.hour % 8) / 8 * interval '1 day' as starts_at
    from generate_series(0, @count@ * 10 / 9) n
    cross join lateral (select n / {TENANTS} / 20 - @count@ / {TENANTS} / 20 / 2 as hour) d;
    insert into public.slots (tenant_id, slot_id, resource, starts_at, ends_at)
    select tenant_id, slot_id, resource, starts_at, starts_at + interval '1 hour' from made
    where starts_at between casebase.now() and casebase.now() + interval '7 days';
    insert into public.bookings (tenant_id, slot_id, user_id, user_name, user_email, status, resource, starts_at, ends_at, created_at)
    select tenant_id, slot_id, user_id, 'Ada Byron', 'ada@many.example', 'confirmed', resource, starts_at,
           starts_at + interval '1 hour', starts_at - interval '90 days'
    from made where is_taken;
    drop table made
"""
_ORDERS = f"""
    insert into public.orders (order_id, tenant_id, user_id, items, total, currency, status, created_at)
    select 'ord_' || lpad(upper(to_hex(n)), 26, '0'), lpad(to_hex(1 + n % {TENANTS}), 32, '0')::uuid,
           lpad(to_hex(1000 + n % {PEOPLE}), 32, '0')::uuid,
           '[{{"name": "Tea", "quantity": 1, "unit_price": 2.50, "amount": 2.50}}]', 2.50, 'EUR',
           case when n % 50 < 49 then 'completed' else 'pending' end, casebase.now() - n * interval '2 minutes'
    from generate_series(0, @count@ - 1) n
"""


async def make_front_desks(owner: asyncpg.Connection, *, metrics: int, bookings: int) -> None:
    """Make so many metrics and bookings, and as many orders as bookings."""
    await owner.execute(_TENANTS)
    # Without triggers: each row would look up whom it names, be placed, and marked.
    await owner.execute("set session_replication_role = replica")
    await owner.execute("set work_mem = '256MB'")
    for statement, count in ((_METRICS, metrics), (_BOOKINGS, bookings), (_ORDERS, bookings)):
        await owner.execute(statement.replace("@count@", str(count)), timeout=1800)
    for step in ("hour", "day"):
        await owner.execute(_ROLLUPS.replace("@step@", f"'{step}'"), timeout=1800)
    await owner.execute(_MARKS)
    await owner.execute("reset session_replication_role")
    await owner.execute("reset work_mem")
    await owner.execute("vacuum analyze", timeout=1800)
