"""However many complete a session at once, and whatever else happens to it, it is completed once and counted once."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable
from typing import Any
from uuid import UUID

import asyncpg

from casebase.kernel.db import Database, Session
from casebase.kernel.errors import RpcError
from tests.practice.conftest import At, MakeSession, People, Say


async def _outcome(call: Awaitable[Any]) -> str:
    try:
        await call
    except RpcError as error:
        return error.code
    return "done"


async def _counted(owner: asyncpg.Connection, person: UUID | None) -> tuple[int, int]:
    return tuple(
        await owner.fetchrow(
            "select completed_scenario_count, current_week_completion_count from public.profiles where id = $1",
            person,
        )
    )


async def test_fifty_complete_it_once(
    at: At, people: People, make_session: MakeSession, owner: asyncpg.Connection
) -> None:
    session_id = await make_session(people.learner, main=4)
    session = (await at()).database.session(people.learner)
    replies = await asyncio.gather(
        *(session.call("complete_session", {"session_id": session_id}) for _ in range(50))
    )
    assert [reply["is_repeated"] for reply in replies].count(False) == 1
    assert len({str(reply["session"]) for reply in replies}) == 1
    assert await _counted(owner, people.learner.sub) == (1, 1)


async def test_what_is_said_meanwhile_is_either_in_it_or_refused(
    api: Database, people: People, make_session: MakeSession, say: Say, owner: asyncpg.Connection
) -> None:
    session_id = await make_session(people.learner, main=2)
    session: Session = api.session(people.learner)
    said = [_outcome(say(people.learner, session_id, chat_type="helper")) for _ in range(50)]
    said.insert(25, _outcome(session.call("complete_session", {"session_id": session_id})))
    outcomes = Counter(await asyncio.gather(*said))
    assert set(outcomes) <= {"done", "session_completed"}
    stored, counted = await owner.fetchrow(
        "select (select count(*) from public.messages m where m.session_id = s.id and m.role = 'user' "
        "        and m.chat_type = 'helper'), message_count_helper - 1 from public.sessions s where s.id = $1",
        session_id,
    )
    assert stored == counted == outcomes["done"] - 1


async def test_start_against_complete_leaves_one_active_session_at_most(
    at: At, people: People, make_session: MakeSession, owner: asyncpg.Connection
) -> None:
    session = (await at()).database.session(people.learner)
    for completed in range(1, 4):
        active = await owner.fetchval("select id from public.sessions where not is_completed")
        active = active or await make_session(people.learner, main=2)
        await owner.execute(
            "insert into public.messages (session_id, role, chat_type, content) values ($1, 'user', 'main', 'Ja')",
            active,
        )
        outcomes = await asyncio.gather(
            *(
                _outcome(
                    session.call("complete_session", {"session_id": active})
                    if n % 2
                    else session.call("start_session", {"scenario_id": 1})
                )
                for n in range(20)
            )
        )
        assert outcomes[1::2] == ["done"] * 10
        # A start found the old session, or the new one, or made it.
        assert set(outcomes[0::2]) <= {"done", "session_active", "weekly_limit_reached"}
        assert outcomes[0::2].count("done") <= 1
        assert await _counted(owner, people.learner.sub) == (completed, completed)
    assert await _outcome(session.call("start_session", {"scenario_id": 1})) == "weekly_limit_reached"
