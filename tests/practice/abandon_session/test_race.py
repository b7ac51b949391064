"""However many abandon a session while it is spoken in and answered, it is gone once, and nobody is left waiting."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable
from typing import Any
from uuid import uuid4

import asyncpg

from casebase.kernel.db import Database, Session
from casebase.kernel.errors import RpcError
from tests.practice.conftest import MakeSession, People, Say


async def _outcome(call: Awaitable[Any]) -> str:
    try:
        await call
    except RpcError as error:
        return error.code
    return "done"


async def test_everybody_gets_an_answer_and_one_is_the_first(
    api: Database,
    people: People,
    make_session: MakeSession,
    say: Say,
    service: Session,
    owner: asyncpg.Connection,
) -> None:
    session_id = await make_session(people.learner)
    answers = []
    for chat_type in ("main", "helper"):
        asked = {"user_id": people.learner.sub, "session_id": session_id, "chat_type": chat_type}
        asked |= {"content": "Was kostet das?", "client_id": uuid4(), "source": "scripted"}
        answers.append((await service.call("start_answer", {"payload": asked}))["answer_id"])
    session = api.session(people.learner)

    def call(n: int) -> Awaitable[Any]:
        match n % 3:
            case 0:
                chunks = [{"answer_id": answer_id, "position": n + 1, "text": "Ja"} for answer_id in answers]
                return service.call("add_answer_chunks", {"payload": {"chunks": chunks}})
            case 1:
                return say(people.learner, session_id)
            case _:
                return session.call("abandon_session", {"session_id": session_id})

    outcomes = await asyncio.gather(*(_outcome(call(n)) for n in range(60)))
    assert Counter(outcomes[2::3]) == {"done": 1, "session_not_found": 19}
    assert set(outcomes[1::3]) <= {"answer_in_progress", "session_not_found"}
    assert set(outcomes[0::3]) == {"done"}
    for table in ("public.sessions", "public.messages", "practice.answers", "practice.answer_chunks"):
        assert await owner.fetchval(f"select count(*) from {table}") == 0
