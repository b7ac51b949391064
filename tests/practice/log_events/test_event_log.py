"""What a process notes is written in batches, each event once, whatever the database does meanwhile."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from typing import Any, cast
from uuid import uuid4

import asyncpg
import pytest
from structlog.testing import capture_logs

from casebase.kernel.db import Session
from casebase.kernel.runtime import Runtime
from casebase.modules.practice.event_log import EventLog
from tests.practice.conftest import MakeSession, People
from tests.support.waiting import eventually


@pytest.fixture
async def log(runtime: Runtime, owner: asyncpg.Connection) -> AsyncIterator[EventLog]:
    await owner.execute("delete from public.logs")
    log = EventLog(runtime.session(), runtime.clock, capacity=5)
    yield log
    await log.close()


class Broken:
    """A session to the database that fails once, as no database does."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._has_failed = False

    async def call(self, function: str, arguments: Mapping[str, Any]) -> Any:
        if not self._has_failed:
            self._has_failed = True
            raise ZeroDivisionError
        return await self._session.call(function, arguments)


async def noted(owner: asyncpg.Connection) -> list[str]:
    rows = await owner.fetch("select event_type from public.logs order by created_at, event_type")
    return [row["event_type"] for row in rows]


async def away(owner: asyncpg.Connection) -> None:
    """Take from the API what it writes the log with."""
    await owner.execute("alter function public.log_events(jsonb) rename to log_events_elsewhere")


async def back(owner: asyncpg.Connection) -> None:
    await owner.execute("alter function public.log_events_elsewhere(jsonb) rename to log_events")


async def test_what_is_noted_is_written_at_the_latest_when_the_process_ends(
    log: EventLog,
    owner: asyncpg.Connection,
    people: People,
    make_session: MakeSession,
) -> None:
    session_id = await make_session(people.learner)
    await owner.execute("delete from public.logs")

    log.note(
        "info", "api_call_started", user_id=people.learner.sub, session_id=session_id, attempt=1, status=None
    )
    await log.close()

    row = await owner.fetchrow("select * from public.logs")
    assert (row["event_type"], row["level"], row["session_id"]) == ("api_call_started", "info", session_id)
    assert row["user_id"] is None
    assert row["metadata"] == '{"attempt": 1}'
    assert len(row["user_key"]) == 24


async def test_it_is_written_by_itself(log: EventLog, owner: asyncpg.Connection) -> None:
    log.note("info", "user_logout")
    async with asyncio.timeout(30):
        while not await noted(owner):
            await asyncio.sleep(0.01)


async def test_while_the_database_is_away_events_wait(log: EventLog, owner: asyncpg.Connection) -> None:
    await away(owner)
    with capture_logs() as lines:
        log.note("info", "user_logout")
        async with asyncio.timeout(30):
            while not any(line["event"] == "events_delayed" for line in lines):
                await asyncio.sleep(0.01)
    log.note("info", "user_login_failed")
    await back(owner)
    await log.close()

    assert await noted(owner) == ["user_logout", "user_login_failed"]


async def test_what_finds_no_room_is_counted(log: EventLog, owner: asyncpg.Connection) -> None:
    for _ in range(9):
        log.note("info", "user_logout")
    await log.close()

    assert sorted(await noted(owner)) == ["unknown_error", *["user_logout"] * 4]
    row = await owner.fetchrow("select level, metadata from public.logs where event_type = 'unknown_error'")
    assert tuple(row) == ("error", '{"count": 5, "reason": "events_dropped"}')


async def test_errors_outlive_what_matters_less(log: EventLog, owner: asyncpg.Connection) -> None:
    log.note("error", "database_error")
    for _ in range(9):
        log.note("info", "user_logout")
    log.note("debug", "api_call_started")
    await log.close()

    assert sorted(await noted(owner)) == ["database_error", "unknown_error", *["user_logout"] * 3]


async def test_what_anybody_may_cause_is_one_event_a_minute(log: EventLog, owner: asyncpg.Connection) -> None:
    person = uuid4()
    for _ in range(600):
        log.count("warn", "user_login_failed", reason="wrong_password")
        log.count("warn", "rate_limit_exceeded", user_id=person, function="start_session")
    log.count("warn", "rate_limit_exceeded", user_id=person, function="append_message")
    await log.close()

    rows = await owner.fetch(
        "select event_type, metadata from public.logs order by event_type, metadata::text"
    )
    assert [tuple(row) for row in rows] == [
        ("rate_limit_exceeded", '{"count": 599, "function": "start_session"}'),
        ("rate_limit_exceeded", '{"function": "append_message"}'),
        ("rate_limit_exceeded", '{"function": "start_session"}'),
        ("user_login_failed", '{"count": 599, "reason": "wrong_password"}'),
        ("user_login_failed", '{"reason": "wrong_password"}'),
    ]


async def test_what_was_counted_is_written_when_its_time_is_over(
    runtime: Runtime, owner: asyncpg.Connection
) -> None:
    await owner.execute("delete from public.logs")
    log = EventLog(runtime.session(), runtime.clock, count_s=0.01)
    for _ in range(3):
        log.count("info", "session_expired")
    count = "select metadata ->> 'count' from public.logs where metadata ? 'count'"
    assert await eventually(lambda: owner.fetchval(count)) == "2"
    # The next is a first one again.
    log.count("info", "session_expired")
    await log.close()

    assert await noted(owner) == ["session_expired"] * 3


async def test_no_failure_ends_the_writing(
    log: EventLog, owner: asyncpg.Connection, runtime: Runtime
) -> None:
    broken = EventLog(cast("Session", Broken(runtime.session())), runtime.clock)
    with capture_logs() as lines:
        broken.note("info", "user_logout")
        await eventually(lambda: noted(owner))
        await broken.close()

    assert [line["error_code"] for line in lines if line["event"] == "events_delayed"] == [
        "ZeroDivisionError"
    ]
    assert await noted(owner) == ["user_logout"]


async def test_what_is_noted_where_nothing_runs_is_written_at_the_end(
    log: EventLog, owner: asyncpg.Connection
) -> None:
    def note() -> None:
        log.note("info", "user_logout")
        log.count("info", "session_expired")

    await asyncio.to_thread(note)
    await log.close()

    assert sorted(await noted(owner)) == ["session_expired", "user_logout"]


async def test_no_measure_is_more_than_the_table_takes(log: EventLog, owner: asyncpg.Connection) -> None:
    for value in (float("nan"), float("inf"), 10**400):
        log.note("info", "user_logout", count=value)
    await log.close()

    rows = await owner.fetch("select metadata from public.logs")
    assert [row["metadata"] for row in rows] == ['{"count": "other"}'] * 3


async def test_an_event_that_breaks_a_rule_keeps_no_other_out(
    log: EventLog, owner: asyncpg.Connection
) -> None:
    with capture_logs() as lines:
        log.note("info", "user_logout")
        log.note("info", "user_login_failed", favourite_colour=7)
        log.note("info", "session_expired")
        await log.close()

    assert sorted(await noted(owner)) == ["session_expired", "user_logout"]
    assert [line["event_type"] for line in lines if line["event"] == "event_refused"] == ["user_login_failed"]


async def test_what_people_wrote_does_not_come_in(log: EventLog, owner: asyncpg.Connection) -> None:
    log.note("error", "unknown_error", reason="Magdalena sagte: Guten Tag!")
    await log.close()

    assert await owner.fetchval("select metadata from public.logs") == '{"reason": "other"}'


async def test_of_a_session_that_is_gone_the_event_stays(log: EventLog, owner: asyncpg.Connection) -> None:
    log.note("info", "api_call_completed", session_id=uuid4())
    await log.close()

    assert await owner.fetchval("select session_id from public.logs") is None
    assert await noted(owner) == ["api_call_completed"]


async def test_ending_does_not_wait_for_a_database_that_is_away(
    log: EventLog, owner: asyncpg.Connection
) -> None:
    await away(owner)
    with capture_logs() as lines:
        log.note("info", "user_logout")
        await log.close()

    assert {"event": "events_not_written", "count": 1, "log_level": "warning"} in lines
