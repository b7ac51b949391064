"""Expired sessions go in batches, which any number of cleanups share and nobody who is active waits for."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from uuid import UUID

import asyncpg
import pytest

from casebase.kernel.errors import RpcError
from tests.practice.conftest import TODAY, At, MakeSession, People

EXPIRED = 240


@pytest.fixture
async def expired(owner: asyncpg.Connection) -> None:
    """Many people's sessions that nobody goes on with."""
    await owner.execute(
        "insert into auth.users (id, email) "
        "select gen_random_uuid(), 'person' || n || '@example.com' from generate_series(1, $1) n",
        EXPIRED,
    )
    await owner.execute(
        "insert into public.sessions (user_id, scenario_id, started_at, last_activity_at) "
        "select p.id, 1, $1::timestamptz, $1 from public.profiles p where p.email like 'person%'",
        TODAY - timedelta(days=9),
    )
    await owner.execute(
        "insert into public.messages (session_id, role, chat_type, content, timestamp) "
        "select s.id, 'scenario', 'main', 'Guten Morgen!', s.started_at from public.sessions s"
    )


@pytest.mark.usefixtures("expired")
async def test_a_batch_is_as_large_as_asked_for(at: At, owner: asyncpg.Connection) -> None:
    session = (await at()).session()

    assert await session.call("delete_expired_sessions", {"batch_limit": 100}) == 100
    assert await owner.fetchval("select count(*) from public.sessions") == EXPIRED - 100


@pytest.mark.usefixtures("expired")
async def test_fifty_cleanups_at_once_delete_each_session_once(at: At, owner: asyncpg.Connection) -> None:
    runtime = await at(pool_size=10)
    session = runtime.session()

    counts = await asyncio.gather(
        *(session.call("delete_expired_sessions", {"batch_limit": 7}) for _ in range(50))
    )
    rest = await session.call("delete_expired_sessions")

    assert sum(counts) + rest == EXPIRED
    assert await owner.fetchval("select count(*) from public.sessions") == 0
    assert await owner.fetchval("select count(*) from public.messages") == 0
    noted = await owner.fetchval(
        "select sum((metadata ->> 'count')::int) from public.logs where event_type = 'session_expiration_cleanup'"
    )
    assert noted == EXPIRED


async def test_a_session_that_somebody_holds_is_left_to_them(
    at: At, owner: asyncpg.Connection, people: People, make_session: MakeSession
) -> None:
    begun = TODAY - timedelta(days=9)
    held: UUID = await make_session(people.learner, started_at=begun, last_activity_at=begun)
    await make_session(people.other_learner, started_at=begun, last_activity_at=begun)
    session = (await at()).session()

    async with owner.transaction():
        await owner.execute("select from public.sessions where id = $1 for no key update", held)
        assert await session.call("delete_expired_sessions") == 1

    assert await session.call("delete_expired_sessions") == 1


@pytest.mark.parametrize("size", [None, 0, -1, 10_001])
async def test_a_batch_has_a_size_that_is_short(at: At, size: int | None) -> None:
    session = (await at()).session()
    for function in ("delete_expired_sessions", "delete_old_logs", "reset_weekly_limits"):
        with pytest.raises(RpcError) as refused:
            await session.call(function, {"batch_limit": size})
        assert (refused.value.status, refused.value.code) == (422, "invalid_input")
