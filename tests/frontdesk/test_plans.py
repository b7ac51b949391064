"""A metric's query reads that metric's period and no more, and policies make nobody read another row than without them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg
import pytest

from casebase.kernel.db import Principal
from casebase.modules.frontdesk import MODULE
from tests.frontdesk.many_metrics import ADMINISTRATOR, DAYS, LARGE_TENANT, NAMES, TENANT, make_front_desks
from tests.support import postgres
from tests.support.reads import call, rows_read

# One worker runs them all, so that the metrics are made once.
pytestmark = pytest.mark.xdist_group("many_metrics")

METRICS = 100_000
BOOKINGS = 20_000
NAME = "desk.metric_3"
PERSON = Principal("authenticated", sub=ADMINISTRATOR, email="administrator@many.example")


@pytest.fixture(scope="module")
def many_metrics(pg_server: postgres.Server) -> Iterator[str]:
    """The owner's URL of a database with many metrics, for tests that roll back what they write."""
    url = pg_server.create_database((MODULE,))

    async def fill() -> None:
        owner = await asyncpg.connect(url)
        await make_front_desks(owner, metrics=METRICS, bookings=BOOKINGS)
        await owner.close()

    postgres.run_sync(fill)
    yield url
    pg_server.drop_database(url)


@pytest.fixture
async def many(many_metrics: str) -> AsyncIterator[asyncpg.Connection]:
    connection = await asyncpg.connect(many_metrics)
    yield connection
    await connection.close()


def read_of(counted: Mapping[str, tuple[int, int]], table: str) -> int:
    """How many rows and index entries were read of a table, its partitions together; none by whole scans."""
    own = [read for name, read in counted.items() if name.startswith(table)]
    assert sum(scanned for scanned, _ in own) == 0
    return sum(fetched for _, fetched in own)


def asked(days: float, **more: Any) -> dict[str, Any]:
    since = (datetime.now(UTC) - timedelta(days=days)).isoformat()
    return {"payload": {"tenant_id": LARGE_TENANT, "name": NAME, "from": since, **more}}


@pytest.mark.parametrize(
    ("days", "more"),
    [(0.25, {"step": "minute"}), (1, {"step": "hour", "tags": {"channel": "web"}}), (20, {"tags": {"language": "nb"}})],
    ids=str,
)  # fmt: skip
async def test_readings_are_read_of_their_period(
    many: asyncpg.Connection, days: float, more: dict[str, Any]
) -> None:
    expected = await many.fetchval(
        "select count(*) from public.analytics_metrics where tenant_id = $1 and name = $2 "
        "and created_at >= casebase.now() - make_interval(hours => $3)",
        LARGE_TENANT,
        NAME,
        int(days * 24) + 1,
    )
    async with rows_read(many) as counted:
        found = await call(many, PERSON, "query_metrics", asked(days, **more))
    assert found["points"]
    # Its rows and their entries, and no other name's, tenant's or month's.
    assert 0 < read_of(counted, "public.analytics_metrics") <= 2 * expected + 50


@pytest.mark.parametrize(("days", "step"), [(1, "hour"), (60, "hour"), (DAYS - 1, "day")], ids=str)
async def test_what_is_counted_is_read_from_the_roll_ups(
    many: asyncpg.Connection, days: int, step: str
) -> None:
    async with rows_read(many) as counted:
        found = await call(many, PERSON, "query_metrics", asked(days, step=step))
    points = len(found["points"])
    assert points >= days // 2
    assert read_of(counted, "public.metric_rollups") <= 2 * points + 20
    # Of the hour, or the day, that is not over.
    a_day = METRICS // 2 // NAMES // DAYS
    assert read_of(counted, "public.analytics_metrics") <= 4 * a_day + 20


async def test_names_are_looked_up_one_after_the_other(many: asyncpg.Connection) -> None:
    async with rows_read(many) as counted:
        found = await call(many, PERSON, "list_metric_names", {"tenant_id": LARGE_TENANT})
    assert len(found["items"]) == NAMES
    assert read_of(counted, "public.metric_rollups") <= 10 * NAMES
    assert read_of(counted, "public.analytics_metrics") == 0


@pytest.mark.parametrize(
    "query",
    [
        f"select * from public.bookings where tenant_id = '{TENANT}' order by created_at desc, id desc limit 50",
        f"select * from public.orders where tenant_id = '{TENANT}' order by created_at desc, id desc limit 50",
        f"select count(*), sum(value) from public.analytics_metrics where tenant_id = '{LARGE_TENANT}' "
        f"and name = '{NAME}' and created_at >= now() - interval '1 day'",
        f"select * from public.metric_rollups where tenant_id = '{LARGE_TENANT}' and name = '{NAME}' "
        "and granularity = 'hour' and starts_at >= now() - interval '30 days' order by starts_at",
    ],
    ids=["bookings", "orders", "metrics", "roll-ups"],
)
async def test_policies_read_nothing_more(many: asyncpg.Connection, query: str) -> None:
    async with rows_read(many) as free:
        expected = await many.fetch(query)
    async with rows_read(many) as bound:
        await many.execute("select set_config('request.jwt.claims', $1, true)", PERSON.claims_json)
        await many.execute("set local role authenticated")
        assert await many.fetch(query) == expected
        await many.execute("set local role none")
    assert expected
    # Whose tenants they are is asked once a statement, whatever it reads.
    members = bound.pop("public.tenant_users")
    free.pop("public.tenant_users", None)
    bound.pop("auth.users", None)
    free.pop("auth.users", None)
    assert members[0] == 0
    assert members[1] <= 8
    touched = {table: read for table, read in bound.items() if read != (0, 0)}
    assert touched == {table: read for table, read in free.items() if read != (0, 0)}


async def test_asked_for_no_tenant_the_index_is_still_read(many: asyncpg.Connection) -> None:
    """As supabase-js may ask: what the policy allows is a condition of the index, and not of every row."""
    async with rows_read(many) as counted:
        await many.execute("select set_config('request.jwt.claims', $1, true)", PERSON.claims_json)
        await many.execute("set local role authenticated")
        found = await many.fetchval(
            "select count(*) from public.analytics_metrics where name = $1 and created_at >= $2",
            NAME,
            datetime.now(UTC) - timedelta(days=1),
        )
        await many.execute("set local role none")
    assert found > 0
    assert read_of(counted, "public.analytics_metrics") <= 2 * found + 50
