"""What a process notes is written in batches, each event once, whatever the database does meanwhile."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from uuid import uuid4

import asyncpg
import pytest
from structlog.testing import capture_logs

from casebase.kernel.runtime import Runtime
from casebase.modules.practice.event_log import EventLog
from tests.practice.conftest import MakeSession, People


@pytest.fixture
async def log(runtime: Runtime, owner: asyncpg.Connection) -> AsyncIterator[EventLog]:
    await owner.execute("delete from public.logs")
    log = EventLog(runtime.session(), runtime.clock, capacity=5)
    yield log
    await log.close()


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
