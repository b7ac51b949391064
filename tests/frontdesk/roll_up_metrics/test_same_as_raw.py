"""What is rolled up is what the metrics themselves say, in whatever order they came and whenever they were counted."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from math import ceil
from typing import Any

import asyncpg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from casebase.kernel.db import SERVICE, Database, Session
from casebase.kernel.errors import RpcError
from tests.conftest import At
from tests.frontdesk.conftest import TODAY, People
from tests.support.refusals import refusal_of, wrong_fields
from tests.support.waiting import locks_awaited

NOW = datetime(2026, 6, 17, 10, 20, tzinfo=UTC)
START = datetime(2026, 6, 15, 22, tzinfo=UTC)
READINGS = st.lists(
    st.tuples(
        st.sampled_from(["a", "b"]),
        st.integers(0, 36 * 60 + 20).map(lambda minute: START + timedelta(minutes=minute)),
        st.integers(-1000, 1000).map(lambda value: value / 8),
    ),
    max_size=40,
)
ROUNDS = st.lists(st.tuples(READINGS, st.integers(0, 3)), min_size=1, max_size=4)


def expected(readings: list[tuple[str, datetime, float]], name: str, step: str) -> list[dict[str, Any]]:
    """Each step's figures by their definitions."""
    steps: dict[datetime, list[float]] = defaultdict(list)
    for of, at, value in readings:
        if of == name:
            begin = at.replace(minute=0, second=0)
            steps[begin if step == "hour" else begin.replace(hour=0)].append(value)

    def ranked(values: list[float], percent: int) -> float:
        return sorted(values)[max(ceil(Fraction(percent * len(values), 100)), 1) - 1]

    return [
        {
            "starts_at": begin.isoformat(),
            "count": len(values),
            "sum": sum(values),
            "avg": pytest.approx(sum(values) / len(values)),
            "min": min(values),
            "max": max(values),
            "p50": ranked(values, 50),
            "p95": ranked(values, 95),
            "p99": ranked(values, 99),
        }
        for begin, values in sorted(steps.items())
    ]


async def told(session: Session, name: str, step: str) -> list[dict[str, Any]]:
    query = {"name": name, "from": START.isoformat(), "until": NOW.isoformat(), "step": step}
    reply = await session.call("query_metrics", {"payload": query})
    assert reply["total"]["count"] == sum(point["count"] for point in reply["points"])
    return [dict(point) for point in reply["points"]]


def test_at_any_time(database: str, api_url: str) -> None:
    async def scenario(rounds: list[tuple[list[tuple[str, datetime, float]], int]]) -> None:
        owner = await asyncpg.connect(database)
        await owner.execute(
            "truncate public.analytics_metrics, public.metric_rollups, frontdesk.metric_marks"
        )
        await owner.close()
        async with await Database.connect(api_url, clock_offset=NOW - datetime.now(UTC)) as opened:
            session = opened.session(SERVICE)
            written: list[tuple[str, datetime, float]] = []
            for readings, batches in rounds:
                if readings:
                    metrics = [{"name": n, "value": v, "at": at.isoformat()} for n, at, v in readings]
                    await session.call("record_metrics", {"payload": {"metrics": metrics}})
                written += readings
                for _ in range(batches):
                    await session.call("roll_up_metrics", {"batch_limit": 3})
                for name in ("a", "b"):
                    for step in ("hour", "day"):
                        points = await told(session, name, step)
                        for point in points:
                            del point["is_raw"]
                        assert points == expected(written, name, step)
            while (await session.call("roll_up_metrics", {"batch_limit": 7}))["is_more"]:
                pass
            for name in ("a", "b"):
                for step, current in (("hour", "2026-06-17T10:00"), ("day", "2026-06-17T00:00")):
                    points = await told(session, name, step)
                    # What is over was counted; what is not is looked at.
                    assert all(
                        point.pop("is_raw") == point["starts_at"].startswith(current) for point in points
                    )
                    assert points == expected(written, name, step)

    @settings(max_examples=25, suppress_health_check=list(HealthCheck), deadline=None)
    @given(ROUNDS)
    def holds(rounds: list[tuple[list[tuple[str, datetime, float]], int]]) -> None:
        asyncio.run(scenario(rounds))

    holds()


async def test_with_what_is_written_meanwhile(
    at: At, owner: asyncpg.Connection, database: str, people: People
) -> None:
    """Fifty write into hours that are over while four count."""
    runtime = await at(TODAY)
    session = runtime.session()

    async def write(number: int) -> None:
        metric = {"name": "m", "value": number, "at": (TODAY - timedelta(hours=2 + number % 3)).isoformat()}
        await session.call("record_metric", {"payload": metric})

    async def count() -> None:
        for _ in range(5):
            await session.call("roll_up_metrics", {"batch_limit": 10})

    await asyncio.gather(*map(write, range(50)), *(count() for _ in range(4)))
    # One that was written before the count and is committed after it has a mark of its own.
    late = await asyncpg.connect(database)
    transaction = late.transaction()
    await transaction.start()
    await late.execute(
        "insert into public.analytics_metrics (name, value, tenant_id, created_at) values ('m', 1000, $1, $2)",
        people.default_tenant,
        TODAY - timedelta(hours=2),
    )
    await count()
    await transaction.commit()
    await late.close()
    await count()
    assert await owner.fetchval(
        "select sum(sum) from public.metric_rollups where granularity = 'hour'"
    ) == 1000 + sum(range(50))
    assert await owner.fetchval("select count(*) from frontdesk.metric_marks where granularity = 'hour'") == 0


async def test_keeps_one_mark_of_an_hour_that_is_not_over(
    owner: asyncpg.Connection, service: Session
) -> None:
    for value in range(20):
        await service.call("record_metric", {"payload": {"name": "m", "value": value}})
    await service.call("roll_up_metrics")
    # An hour may have ended between the first and the last.
    assert await owner.fetchval("select count(*) from frontdesk.metric_marks") <= 2
    [name] = (await service.call("list_metric_names"))["items"]
    assert name["name"] == "m"


async def test_is_left_to_whoever_is_at_it(
    at: At, owner: asyncpg.Connection, database: str, api: Database, people: People
) -> None:
    session = (await at(TODAY)).session()
    old = {"name": "m", "value": 1, "at": (TODAY - timedelta(hours=3)).isoformat()}
    await session.call("record_metric", {"payload": old})
    transaction = owner.transaction()
    await transaction.start()
    await owner.execute("lock table public.metric_rollups in access exclusive mode")
    first = asyncio.create_task(session.call("roll_up_metrics"))
    await locks_awaited(owner, 1)
    assert await session.call("roll_up_metrics") == {"counted": 0, "is_more": False}
    await transaction.commit()
    assert await first == {"counted": 1, "is_more": False}
    error = await refusal_of(owner, session, "roll_up_metrics", batch_limit=0)
    assert wrong_fields(error) == ["batch_limit"]
    with pytest.raises(RpcError):
        await api.session(people.owner).call("roll_up_metrics")
