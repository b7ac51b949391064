"""A session in which nothing happened for seven days is deleted with all that hangs on it; no other is."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import asyncpg

from tests.practice.conftest import TODAY, At, MakeSession, People

WEEK = timedelta(days=7)


async def delete_expired(at: At, **arguments: Any) -> int:
    count: int = await (await at()).session().call("delete_expired_sessions", arguments)
    return count


async def test_a_session_lasts_seven_days_after_its_last_message(
    at: At, owner: asyncpg.Connection, people: People, make_session: MakeSession
) -> None:
    begun = TODAY - WEEK - timedelta(days=3)
    await make_session(people.learner, started_at=begun, last_activity_at=TODAY - WEEK - timedelta(seconds=9))
    lasting = await make_session(
        people.other_learner, started_at=begun, last_activity_at=TODAY - WEEK + timedelta(seconds=9)
    )

    assert await delete_expired(at) == 1
    assert await owner.fetch("select id from public.sessions") == [(lasting,)]
    assert await owner.fetchval("select count(*) from public.messages where session_id <> $1", lasting) == 0


async def test_a_completed_session_stays(
    at: At, owner: asyncpg.Connection, people: People, make_session: MakeSession
) -> None:
    begun = TODAY - timedelta(days=300)
    await make_session(people.learner, started_at=begun, last_activity_at=begun, is_completed=True)

    assert await delete_expired(at) == 0
    assert await owner.fetchval("select count(*) from public.sessions") == 1


async def test_it_does_not_count_as_completed(
    at: At, owner: asyncpg.Connection, people: People, make_session: MakeSession
) -> None:
    begun = TODAY - timedelta(days=8)
    await make_session(people.learner, started_at=begun, last_activity_at=begun)

    await delete_expired(at)

    assert await owner.fetchval("select max(completed_scenario_count) from public.profiles") == 0


async def test_what_was_deleted_is_noted_once(
    at: At, owner: asyncpg.Connection, people: People, make_session: MakeSession
) -> None:
    begun = TODAY - timedelta(days=8)
    await make_session(people.learner, started_at=begun, last_activity_at=begun)
    await owner.execute("delete from public.logs")

    assert [await delete_expired(at) for _ in range(2)] == [1, 0]

    rows = await owner.fetch("select level, event_type, metadata, user_key from public.logs order by ctid")
    assert [tuple(row) for row in rows] == [
        ("info", "session_expiration_cleanup", '{"count": 1}', None),
        ("info", "cleanup_job_executed", '{"job": "delete_expired_sessions", "count": 1}', None),
        ("debug", "cleanup_job_executed", '{"job": "delete_expired_sessions", "count": 0}', None),
    ]


async def test_the_log_outlives_the_session_it_tells_of(
    at: At, owner: asyncpg.Connection, people: People, make_session: MakeSession
) -> None:
    begun = TODAY - timedelta(days=8)
    session_id = await make_session(people.learner, started_at=begun, last_activity_at=begun)
    session = (await at()).session()
    await session.call(
        "log_event", {"level": "info", "event_type": "session_created", "session_id": session_id}
    )

    await delete_expired(at)

    assert await owner.fetch("select session_id from public.logs where event_type = 'session_created'") == [
        (None,)
    ]
