"""Of any number of starts at once one makes a session; the others are told which."""

from __future__ import annotations

import asyncio
from collections import Counter
from datetime import timedelta

import asyncpg

from casebase.kernel.db import Database
from casebase.kernel.errors import RpcError
from tests.practice.conftest import TODAY, At, MakeSession, People


async def _fifty(database: Database, people: People) -> tuple[Counter[str], set[str]]:
    session = database.session(people.learner)

    async def start(n: int) -> tuple[str, str]:
        try:
            reply = await session.call("start_session", {"scenario_id": n % 3 + 1})
        except RpcError as error:
            return error.code, error.detail["session_id"]
        return "started", reply["session"]["session_id"]

    outcomes = await asyncio.gather(*(start(n) for n in range(50)))
    return Counter(outcome for outcome, _ in outcomes), {session_id for _, session_id in outcomes}


async def test_fifty_starts_make_one(at: At, people: People, owner: asyncpg.Connection) -> None:
    outcomes, named = await _fifty((await at()).database, people)
    assert outcomes == {"started": 1, "session_active": 49}
    assert len(named) == 1
    assert await owner.fetchval("select count(*) from public.sessions") == 1
    assert await owner.fetchval("select count(*) from public.messages") == 2


async def test_an_expired_one_is_replaced_once(
    at: At, people: People, make_session: MakeSession, owner: asyncpg.Connection
) -> None:
    moment = TODAY - timedelta(days=8)
    await make_session(people.learner, started_at=moment, last_activity_at=moment)
    outcomes, named = await _fifty((await at()).database, people)
    assert outcomes == {"started": 1, "session_active": 49}
    assert len(named) == 1
    assert (
        await owner.fetchval(
            "select count(*) from public.logs where event_type = 'session_expiration_cleanup'"
        )
        == 1
    )
