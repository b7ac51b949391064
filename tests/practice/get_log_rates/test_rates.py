"""Events are counted by the hour up to two days, else by the day, whatever the session's time zone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg
import pytest

from casebase.kernel.db import SERVICE, Database
from tests.practice.conftest import TODAY, People
from tests.support.refusals import refusal_of, wrong_fields


async def put(owner: asyncpg.Connection, *moments: datetime) -> None:
    await owner.execute("delete from public.logs")
    await owner.executemany(
        "insert into public.logs (level, event_type, metadata, created_at) "
        "values ('warn', 'rate_limit_exceeded', '{}', $1)",
        [(moment,) for moment in moments],
    )


async def rates(api: Database, start: datetime, until: datetime) -> Any:
    return await api.session(SERVICE).call("get_log_rates", {"from": start, "until": until})


def steps(found: Any) -> list[tuple[datetime, int]]:
    return [(datetime.fromisoformat(rate["at"]).astimezone(UTC), rate["count"]) for rate in found["rates"]]


async def test_by_the_hour_within_two_days(api: Database, owner: asyncpg.Connection) -> None:
    await put(owner, TODAY, TODAY + timedelta(minutes=59), TODAY + timedelta(hours=1))

    found = await rates(api, TODAY, TODAY + timedelta(days=2))

    assert found["step_seconds"] == 3600
    assert steps(found) == [(TODAY, 2), (TODAY + timedelta(hours=1), 1)]
    assert {(rate["level"], rate["event_type"]) for rate in found["rates"]} == {
        ("warn", "rate_limit_exceeded")
    }


async def test_by_the_day_beyond(api: Database, owner: asyncpg.Connection) -> None:
    midnight = TODAY.replace(hour=0)
    await put(owner, midnight, TODAY, midnight + timedelta(days=1))

    found = await rates(api, midnight - timedelta(days=3), midnight + timedelta(days=4))

    assert found["step_seconds"] == 86400
    assert steps(found) == [(midnight, 2), (midnight + timedelta(days=1), 1)]


@pytest.mark.parametrize("zone", ["Europe/Berlin", "America/New_York"])
async def test_a_day_is_utcs_where_clocks_change(owner: asyncpg.Connection, zone: str) -> None:
    sunday = datetime(2026, 3, 29, tzinfo=UTC)
    await put(owner, *(sunday + timedelta(hours=hour) for hour in range(-1, 25)))
    await owner.execute(f"set timezone to '{zone}'")
    await owner.execute("set role service_role")
    text = await owner.fetchval(
        "select jsonb_path_query_array(public.get_log_rates($1, $2), '$.rates[*].count')::text",
        sunday - timedelta(days=3),
        sunday + timedelta(days=3),
    )
    assert text == "[1, 24, 1]"


async def test_the_end_is_outside(api: Database, owner: asyncpg.Connection) -> None:
    await put(owner, TODAY)
    assert steps(await rates(api, TODAY - timedelta(hours=1), TODAY)) == []


@pytest.mark.parametrize("length", [timedelta(days=31, seconds=1), timedelta(), -timedelta(days=1)])
async def test_a_period_is_31_days_at_most(
    api: Database, owner: asyncpg.Connection, people: People, length: timedelta
) -> None:
    refused = await refusal_of(
        owner, api.session(SERVICE), "get_log_rates", **{"from": TODAY, "until": TODAY + length}
    )
    assert wrong_fields(refused) == ["until"]
