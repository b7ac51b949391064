"""Whatever somebody's clients do while their account is deleted, it is deleted once, and nothing comes after it."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable
from typing import Any
from uuid import uuid4

import asyncpg
import pytest

from casebase.kernel.db import Database, Session
from casebase.kernel.errors import RpcError
from tests.practice.conftest import MakeSession, People, Say


async def _outcome(call: Awaitable[Any]) -> str:
    try:
        await call
    except RpcError as error:
        return error.code
    return "done"


async def _left(owner: asyncpg.Connection, people: People) -> int:
    count: int = await owner.fetchval(
        "select (select count(*) from public.sessions where user_id = $1) "
        "+ (select count(*) from public.messages) + (select count(*) from practice.answers) "
        "+ (select count(*) from public.profiles where id = $1) + (select count(*) from auth.users where id = $1) "
        "+ (select count(*) from casebase.idempotency_keys where principal like '%' || $1::text)",
        people.learner.sub,
    )
    return count


async def test_fifty_delete_it_once(
    api: Database, people: People, make_session: MakeSession, owner: asyncpg.Connection
) -> None:
    await make_session(people.learner, main=9)
    session = api.session(people.learner)
    outcomes = Counter(await asyncio.gather(*(_outcome(session.call("delete_account")) for _ in range(50))))
    assert outcomes == {"done": 1, "user_required": 49}
    assert await owner.fetchval("select count(*) from casebase.erasure_receipts") == 1
    assert await _left(owner, people) == 0


@pytest.mark.parametrize("place", [0, 10, 25])
async def test_what_is_said_and_answered_meanwhile_goes_too(
    api: Database,
    people: People,
    make_session: MakeSession,
    say: Say,
    service: Session,
    owner: asyncpg.Connection,
    place: int,
) -> None:
    session_id = await make_session(people.learner, main=2)
    answers = []
    for chat_type in ("main", "helper"):
        asked = {"user_id": people.learner.sub, "session_id": session_id, "chat_type": chat_type}
        asked |= {"content": "Was kostet das?", "client_id": uuid4(), "source": "scripted"}
        answers.append((await service.call("start_answer", {"payload": asked}))["answer_id"])

    def produce(n: int) -> Awaitable[Any]:
        chunks = [{"answer_id": answer_id, "position": n + 1, "text": "Ja"} for answer_id in answers]
        return service.call("add_answer_chunks", {"payload": {"chunks": chunks}})

    calls = [
        _outcome(produce(n) if n % 2 else say(people.learner, session_id, chat_type="helper"))
        for n in range(50)
    ]
    calls.insert(place, _outcome(api.session(people.learner).call("delete_account")))
    outcomes = await asyncio.gather(*calls)
    assert outcomes[place] == "done"
    assert set(outcomes) <= {"done", "session_not_found", "answer_in_progress"}
    assert await _left(owner, people) == 0


async def test_what_is_started_meanwhile_goes_too(
    api: Database, people: People, owner: asyncpg.Connection
) -> None:
    session = api.session(people.learner)
    calls = [
        _outcome(session.call("start_session", {"scenario_id": 1}, idempotency_key=str(n))) for n in range(50)
    ]
    calls.insert(20, _outcome(session.call("delete_account")))
    outcomes = await asyncio.gather(*calls)
    assert outcomes[20] == "done"
    assert set(outcomes) <= {"done", "session_active", "user_required"}
    assert await _left(owner, people) == 0
