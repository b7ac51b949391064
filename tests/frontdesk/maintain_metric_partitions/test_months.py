"""Each month of metrics has its partition three months ahead; rows of a month without one wait, and are moved there."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg
import pytest

from casebase.kernel.db import Database, Session
from casebase.kernel.errors import DatabaseUnavailableError
from casebase.kernel.guard import verify_schema
from casebase.kernel.runtime import Runtime
from tests.conftest import At
from tests.frontdesk.conftest import People
from tests.frontdesk.detach_expired_metrics.retention import keep
from tests.support import postgres

SECOND = timedelta(microseconds=1)


async def on_moving(owner: asyncpg.Connection, statement: str) -> None:
    """Do something at each row that leaves the default partition."""
    await owner.execute(
        f"""
        create function frontdesk.on_moving() returns trigger language plpgsql as
        $$ begin {statement}; return old; end $$;
        create trigger on_moving before delete on public.analytics_metrics_default
        for each row execute function frontdesk.on_moving()
        """
    )


async def months(service: Session) -> set[str]:
    listed = await service.call("list_metric_partitions")
    assert listed["waiting_in_default"] == 0
    return {item["month"] for item in listed["items"]}


@pytest.mark.parametrize(
    ("moment", "made"),
    [
        (datetime(2030, 12, 31, 23, 59, 59, tzinfo=UTC), ["2030-12", "2031-01", "2031-02", "2031-03"]),
        (datetime(2031, 1, 1, tzinfo=UTC), ["2031-01", "2031-02", "2031-03", "2031-04"]),
        (datetime(2032, 2, 29, 12, tzinfo=UTC), ["2032-02", "2032-03", "2032-04", "2032-05"]),
    ],
)
async def test_are_made_ahead(at: At, moment: datetime, made: list[str]) -> None:
    session = (await at(moment)).session()
    nothing = {"made": [], "moved": 0, "is_more": False}
    assert await session.call("maintain_metric_partitions") == nothing | {"made": made}
    assert await session.call("maintain_metric_partitions") == nothing


async def test_begin_and_end_in_utc(owner: asyncpg.Connection, service: Session, people: People) -> None:
    # What a session's clock says, with summer time or without, moves no bound.
    await owner.execute("set timezone = 'America/New_York'")
    begins = [datetime(2024, month, 1, tzinfo=UTC) for month in (1, 2, 3, 4, 11, 12)]
    for begin in begins:
        for moment in (begin - SECOND, begin):
            await owner.execute(
                "insert into public.analytics_metrics (name, value, tenant_id, created_at) values ('m', 1, $1, $2)",
                people.default_tenant,
                moment,
            )
    while await owner.fetchval("select (public.maintain_metric_partitions() -> 'is_more')::boolean"):
        pass
    rows: list[Any] = await owner.fetch(
        "select right(tableoid::regclass::text, 7) as month, created_at from public.analytics_metrics order by created_at"
    )
    assert [row["month"] for row in rows] == [f"{row['created_at'].astimezone(UTC):%Y_%m}" for row in rows]
    assert len(rows) == 12
    assert {"2023-12", "2024-02", "2024-10", "2024-11"} <= await months(service)


async def test_are_made_once_by_fifty(owner: asyncpg.Connection, service: Session) -> None:
    late = [{"name": "m", "value": n, "at": f"20{10 + n % 5}-06-15T12:00:00Z"} for n in range(100)]

    async def write(metric: dict[str, Any]) -> None:
        await service.call("record_metric", {"payload": metric})

    async def maintain() -> dict[str, Any]:
        reply: dict[str, Any] = await service.call("maintain_metric_partitions")
        return reply

    replies, *_ = await asyncio.gather(
        asyncio.gather(*(maintain() for _ in range(50))), *(write(metric) for metric in late)
    )
    replies.append(await maintain())
    while replies[-1]["is_more"]:
        replies.append(await maintain())
    assert sorted(month for reply in replies for month in reply["made"]) == [
        f"20{n}-06" for n in range(10, 15)
    ]
    assert {f"20{n}-06" for n in range(10, 15)} <= await months(service)
    assert await owner.fetchval("select sum(value) from public.analytics_metrics") == sum(range(100))


async def test_of_late_rows_the_operators_are_told(owner: asyncpg.Connection, service: Session) -> None:
    metrics = [{"name": "m", "value": 1, "at": "2019-05-05T05:05:05Z"}] * 3
    await service.call("record_metrics", {"payload": {"metrics": metrics}})
    assert (await service.call("list_metric_partitions"))["waiting_in_default"] == 3
    read = {"name": "m", "from": "2019-05-01T00:00:00Z", "until": "2019-06-01T00:00:00Z", "step": "day"}
    waiting = await service.call("query_metrics", {"payload": read})
    assert await service.call("maintain_metric_partitions") == {
        "made": ["2019-05"],
        "moved": 3,
        "is_more": False,
    }
    assert await service.call("query_metrics", {"payload": read}) == waiting
    assert waiting["total"]["count"] == 3
    alerts = await owner.fetch("select message ->> 'kind' from pgmq.q_casebase_alerts")
    assert alerts == [("metrics_without_partition",)]


async def test_ahead_come_first_then_one_a_call(at: At, service: Session) -> None:
    late = [{"name": "m", "value": 1, "at": f"2019-{month}-05T05:05:05Z"} for month in ("05", "03", "05")]
    await service.call("record_metrics", {"payload": {"metrics": late}})
    later = (await at(datetime(2030, 1, 1, tzinfo=UTC))).session()
    ahead = ["2030-01", "2030-02", "2030-03", "2030-04"]
    assert [await later.call("maintain_metric_partitions") for _ in range(4)] == [
        {"made": ahead, "moved": 0, "is_more": True},
        {"made": ["2019-03"], "moved": 1, "is_more": True},
        {"made": ["2019-05"], "moved": 2, "is_more": False},
        {"made": [], "moved": 0, "is_more": False},
    ]


async def test_are_all_made_however_long_one_takes(
    owner: asyncpg.Connection, runtime: Runtime, service: Session
) -> None:
    late = [{"name": "m", "value": 1, "at": f"2019-{month:02}-05T05:05:05Z"} for month in (3, 4, 5)]
    await service.call("record_metrics", {"payload": {"metrics": late}})
    await on_moving(owner, "perform pg_sleep(1.2) where old.created_at < '2019-04-01Z'")
    # Less patient than the real pool, as the month is smaller.
    async with await Database.connect(runtime.direct_url, command_timeout_s=1) as database:
        hurried = replace(runtime, database=database)
        with pytest.raises(DatabaseUnavailableError):
            await hurried.session().call("maintain_metric_partitions")
        await keep(hurried)
    assert {"2019-03", "2019-04", "2019-05"} <= await months(service)


async def test_are_read_while_they_are_moved(
    owner: asyncpg.Connection, runtime: Runtime, service: Session, database: str
) -> None:
    late = [{"name": "m", "value": n, "at": "2019-05-05T05:05:05Z"} for n in range(10)]
    await service.call("record_metrics", {"payload": {"metrics": late}})
    await on_moving(owner, "perform pg_advisory_xact_lock(1)")
    other = await asyncpg.connect(database, server_settings={"lock_timeout": "1s"})
    try:
        async with owner.transaction():
            await owner.execute("select pg_advisory_xact_lock(1)")
            moving = asyncio.create_task(service.call("maintain_metric_partitions"))
            while not await other.fetchval(
                "select exists (select from pg_locks where locktype = 'advisory' and objid = 1 and not granted)"
            ):
                assert not moving.done()
            assert await other.fetchval("select sum(value) from public.analytics_metrics") == 45
            # Of another month than the one that is moved, in its own partition.
            await service.call("record_metric", {"payload": {"name": "m", "value": 5}})
        assert (await moving)["moved"] == 10
        assert await other.fetchval("select sum(value) from public.analytics_metrics") == 50
    finally:
        await other.close()


async def test_are_nobodys_to_touch_and_no_drift(
    at: At, owner: asyncpg.Connection, database: str, people: People
) -> None:
    # As Supabase has it: what its owner makes in public, API roles may do everything with.
    await owner.execute(
        "alter default privileges in schema public grant all on tables to anon, authenticated, service_role"
    )
    session = (await at(datetime(2027, 6, 1, tzinfo=UTC))).session()
    await session.call("maintain_metric_partitions")
    await owner.execute(
        "alter default privileges in schema public revoke all on tables from anon, authenticated, service_role"
    )
    made = await owner.fetch(
        """
        select c.relname, c.relrowsecurity, obj_description(c.oid, 'pg_class') is not null,
               (select count(*) from aclexplode(c.relacl) a where a.grantee <> c.relowner)
        from pg_class c where c.relname ~ '^analytics_metrics_2027_(06|07|08|09)$'
        """
    )
    assert len(made) == 4
    assert all(tuple(row)[1:] == (True, True, 0) for row in made)
    report = await verify_schema(database, postgres.our_modules())
    assert [drift.object for drift in report.drift if "metrics" in drift.object] == []
