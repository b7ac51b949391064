"""What is said is counted at once, exactly, and never beyond the cap."""

from __future__ import annotations

import asyncio
from collections import Counter
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import asyncpg

from casebase.kernel.errors import RpcError
from tests.practice.conftest import MakeSession, People, Say, call_at


async def _counts(owner: asyncpg.Connection, session_id: object) -> tuple[int, int]:
    return tuple(
        await owner.fetchrow(
            "select message_count_main, message_count_helper from public.sessions where id = $1", session_id
        )
    )


async def test_each_chat_counts_its_own(
    owner: asyncpg.Connection, people: People, make_session: MakeSession, say: Say
) -> None:
    session_id = await make_session(people.learner)
    reply = await say(people.learner, session_id)
    await say(people.learner, session_id, "What is an apple?", chat_type="helper")
    assert reply["progress"]["message_count_main"] == 2
    assert not reply["progress"]["should_conclude"]
    assert await _counts(owner, session_id) == (2, 2)


async def test_fifty_at_once_fill_the_cap_and_no_more(
    owner: asyncpg.Connection, people: People, make_session: MakeSession, say: Say
) -> None:
    session_id = await make_session(people.learner)

    async def once() -> str:
        try:
            await say(people.learner, session_id)
        except RpcError as error:
            return error.code
        return "said"

    outcomes = Counter(await asyncio.gather(*(once() for _ in range(50))))
    assert outcomes == {"said": 29, "message_cap_reached": 21}
    assert await _counts(owner, session_id) == (30, 1)
    moments = await owner.fetch(
        "select timestamp from public.messages where session_id = $1 and role = 'user' order by timestamp",
        session_id,
    )
    assert len(set(moments)) == 29


async def test_who_waited_for_a_later_one_does_not_turn_the_time_back(
    owner: asyncpg.Connection, people: People, make_session: MakeSession, say: Say
) -> None:
    session_id = await make_session(people.learner)
    # Of two at once the one that began later, but was written first.
    later = datetime.now(UTC) + timedelta(minutes=1)
    words = {"chat_type": "main", "content": "Guten Tag!", "client_id": uuid4()}
    await call_at(owner, later, people.learner, "append_message", session_id=session_id, **words)
    await say(people.learner, session_id)
    session = await owner.fetchrow("select updated_at, last_activity_at from public.sessions")
    assert session["last_activity_at"] > later
    assert session["updated_at"] > later


async def test_fifty_repeats_of_one_message_are_one(
    owner: asyncpg.Connection, people: People, make_session: MakeSession, say: Say
) -> None:
    session_id = await make_session(people.learner)
    client_id = uuid4()
    replies = await asyncio.gather(*(say(people.learner, session_id, client_id=client_id) for _ in range(50)))
    assert len({reply["message_id"] for reply in replies}) == 1
    assert [reply["is_repeated"] for reply in replies].count(False) == 1
    assert await _counts(owner, session_id) == (2, 1)
