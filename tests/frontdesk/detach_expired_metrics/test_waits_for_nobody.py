"""Months are made, taken out and dropped beside a long transaction, such as a backup's, that nobody waits behind."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg
import pytest

from casebase.kernel.runtime import Runtime
from tests.conftest import At
from tests.frontdesk.conftest import TODAY, People
from tests.frontdesk.detach_expired_metrics.retention import count, keep


@pytest.fixture
async def runtime(at: At, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Runtime:
    monkeypatch.setenv("CASEBASE_FRONTDESK_METRICS_RETENTION_MONTHS", "1")
    runtime = await at(TODAY, home=tmp_path)
    # Its own months ahead are there: the next call makes one that is waited for.
    await runtime.session().call("maintain_metric_partitions")
    return runtime


@pytest.fixture
async def other(database: str) -> AsyncIterator[asyncpg.Connection]:
    """Somebody else's connection, who gives up after a second behind a lock."""
    connection = await asyncpg.connect(database, server_settings={"lock_timeout": "1s"})
    yield connection
    await connection.close()


@pytest.mark.parametrize("table", ["public.tenants", "public.analytics_metrics"])
async def test_nobody_waits_while_a_month_cannot_go(
    table: str, owner: asyncpg.Connection, other: asyncpg.Connection, runtime: Runtime, people: People
) -> None:
    old = {"name": "m", "value": 1, "at": "2026-04-01T00:00:00Z"}
    session = runtime.session()
    await session.call("record_metric", {"payload": old})
    await session.call("maintain_metric_partitions")
    await count(runtime)

    async with owner.transaction():
        await owner.execute(f"select count(*) from {table}")
        detaching = asyncio.create_task(session.call("detach_expired_metrics", {"keep_months": 1}))
        while not detaching.done():
            # Fails if it waits for as long as a person would notice.
            await other.execute("select count(*) from public.tenants")
            await other.execute("select count(*) from public.analytics_metrics")
        assert await detaching == {"is_busy": True}
        # The job's other work is done; the month is left to its next run.
        await keep(runtime)
        assert (await session.call("list_metric_archives"))["items"] == []

    await keep(runtime)
    [archive] = (await session.call("list_metric_archives"))["items"]
    assert (archive["month"], archive["row_count"]) == ("2026-04", 1)


async def test_a_month_is_made_and_dropped_beside_a_backup(
    owner: asyncpg.Connection, runtime: Runtime, people: People
) -> None:
    session = runtime.session()
    await session.call("record_metric", {"payload": {"name": "m", "value": 1, "at": "2026-04-01T00:00:00Z"}})
    async with owner.transaction():
        await owner.execute("select count(*) from public.tenants")
        assert "2026-04" in (await session.call("maintain_metric_partitions"))["made"]
    await count(runtime)
    assert (await session.call("detach_expired_metrics", {"keep_months": 1}))["month"] == "2026-04"
    async with owner.transaction():
        await owner.execute("select count(*) from public.tenants")
        await keep(runtime)
        [archive] = (await session.call("list_metric_archives"))["items"]
        assert archive["row_count"] == 1


async def test_a_month_goes_without_being_read(owner: asyncpg.Connection, runtime: Runtime) -> None:
    await owner.execute("select frontdesk.make_metric_month('2026-04-01')")
    await owner.execute("set client_min_messages = debug1")
    said: list[str] = []
    owner.add_log_listener(lambda _, message: said.append(message.message))
    detached = await owner.fetchval("select frontdesk.detach_expired_metrics(1)")
    assert "2026-04" in detached
    assert any(
        "is implied by existing constraints" in line and "expired_metrics_2026_04" in line for line in said
    )
