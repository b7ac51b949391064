"""Among 48,000 bookings each read and each change touches the few rows that it is about."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg
import pytest

from casebase.kernel.db import SERVICE, Principal
from casebase.modules.frontdesk import MODULE
from tests.support import postgres
from tests.support.reads import call, rows_read

# One worker runs them all, so that the bookings are made once.
pytestmark = pytest.mark.xdist_group("many_bookings")

TENANTS = 4
DAYS = 60
A_DAY = 200
"""Bookings of a tenant: of 20 resources at ten hours of a day, the first of them confirmed, every tenth cancelled."""
NOON = datetime(2030, 5, 1, tzinfo=UTC)
PAGE = 20

_FILL = f"""
    insert into public.tenants (slug, name) select 't' || n, 'T' || n from generate_series(2, {TENANTS}) n;
    insert into auth.users (id, email) select md5('u' || n)::uuid, 'u' || n || '@many.example' from generate_series(1, 500) n;
    set session_replication_role = replica;
    create temporary table made as
    select t.id as tenant_id, format('%s/%s/%s', d, h, r) as slot_id, 'r' || r as resource, d * {A_DAY} + h * 20 + r as n,
           '{NOON.isoformat()}'::timestamptz + make_interval(days => d, hours => 8 + h) as starts_at
    from public.tenants t
    cross join generate_series(0, {DAYS - 1}) d cross join generate_series(0, 9) h cross join generate_series(0, 19) r;
    insert into public.slots (tenant_id, slot_id, resource, starts_at, ends_at, capacity)
    select tenant_id, slot_id, resource, starts_at, starts_at + interval '1 hour', 2 from made
    where tenant_id = casebase.default_tenant();
    insert into public.bookings (
        tenant_id, slot_id, user_id, user_name, user_email, status, resource, starts_at, ends_at, hold_expires_at,
        cancelled_at, cancel_reason, created_at)
    select tenant_id, slot_id, md5('u' || n % 500)::uuid, 'Ada', 'ada@example.com', s.status, resource, starts_at,
           starts_at + interval '1 hour', case s.status when 'pending' then casebase.now() + n * interval '1 second' end,
           case s.status when 'cancelled' then casebase.now() end, case s.status when 'cancelled' then 'cancelled' end,
           casebase.now() - n * interval '1 minute'
    from made cross join lateral (
        select case when n % 10 = 0 then 'cancelled' when n % 1000 = 1 then 'pending' else 'confirmed' end as status) s;
    set session_replication_role = origin;
    vacuum analyze public.bookings; vacuum analyze public.slots
"""


@pytest.fixture(scope="module")
def many_bookings(pg_server: postgres.Server) -> Iterator[str]:
    """The owner's URL of a database with many bookings; each test takes back what it wrote."""
    url = pg_server.create_database((MODULE,))

    async def fill() -> None:
        owner = await asyncpg.connect(url)
        for statement in _FILL.split(";"):
            await owner.execute(statement)
        await owner.close()

    postgres.run_sync(fill)
    yield url
    pg_server.drop_database(url)


@pytest.fixture
async def many(many_bookings: str) -> AsyncIterator[asyncpg.Connection]:
    connection = await asyncpg.connect(many_bookings)
    yield connection
    await connection.close()


DAY = (NOON + timedelta(days=50)).date()
MONTH = {"from": NOON.isoformat(), "until": (NOON + timedelta(days=30)).isoformat()}

READS: dict[str, tuple[str, dict[str, Any], int]] = {
    # Of each slot one entry, its row and the booking in it.
    "a day": ("list_available_slots", {"tenant_id": None, "on_date": DAY}, 2 * A_DAY),
    "its version": ("get_availability_version", {"tenant_id": None, "on_date": DAY}, 0),
    "a month": ("list_bookings", {"payload": {**MONTH, "page_size": PAGE}}, 2 * PAGE),
    "the newest": ("list_bookings", {"payload": {"page_size": PAGE}}, 2 * PAGE),
    # One of ten is cancelled, one of twenty the resource's.
    "cancelled": ("list_bookings", {"payload": {"status": "cancelled", "page_size": PAGE}}, 2 * 12 * PAGE),
    "a resource": ("list_bookings", {"payload": {**MONTH, "resource": "r3", "page_size": PAGE}}, 2 * 22 * PAGE),
    "holds": ("list_bookings", {"payload": {"status": "pending", "page_size": PAGE}}, 2 * 400),
    "holds that ran out": ("expire_holds", {"batch_limit": 10}, 2 * 30),
}  # fmt: skip


@pytest.mark.parametrize("read", list(READS))
async def test_a_read_is_of_its_rows_alone(many: asyncpg.Connection, read: str) -> None:
    function, arguments, most = READS[read]
    if function == "expire_holds":
        await many.execute(
            "update bookings set hold_expires_at = casebase.now() where status = 'pending' and slot_id = '5/0/1'"
        )
    async with rows_read(many) as counted:
        await call(many, SERVICE, function, arguments)
    for table in ("public.bookings", "public.slots", "frontdesk.availability_versions"):
        scanned, fetched = counted.get(table, (0, 0))
        assert (scanned, fetched <= most + 5) == (0, True), (table, fetched)


async def test_ones_own_are_found_among_everybodys(many: asyncpg.Connection) -> None:
    user_id = await many.fetchval("select user_id from bookings where slot_id = '7/3/9' limit 1")
    async with rows_read(many) as counted:
        reply = await call(
            many, Principal("authenticated", sub=user_id), "list_my_bookings", {"page_size": PAGE}
        )
    assert len(reply["items"]) == PAGE
    scanned, fetched = counted["public.bookings"]
    assert (scanned, fetched <= 2 * PAGE + 5) == (0, True), fetched


async def test_a_change_is_of_its_rows_alone(many: asyncpg.Connection) -> None:
    booking = {"slot_id": "45/3/3", "user_name": "Eve", "user_email": "eve@example.com"}
    async with rows_read(many) as counted:
        booked = await call(many, SERVICE, "book_slot", {"payload": booking})
        asked = {"booking_id": booked["booking_id"]}
        await call(many, SERVICE, "reschedule_booking", {**asked, "slot_id": "55/3/3"})
        await call(many, SERVICE, "confirm_booking", asked)
        await call(many, SERVICE, "cancel_booking", asked)
    for table in ("public.bookings", "public.slots"):
        scanned, fetched = counted[table]
        assert (scanned, fetched <= 200) == (0, True), (table, fetched)
