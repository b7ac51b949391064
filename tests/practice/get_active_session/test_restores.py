"""Who comes back finds their session as they left it, and nothing where there is none."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import asyncpg
import pytest

from casebase.kernel.db import Database
from tests.practice.conftest import TODAY, At, MakeSession, People, Say
from tests.support import reads
from tests.support.waiting import locks_awaited


async def _restored(owner: asyncpg.Connection) -> int:
    count: int = await owner.fetchval(
        "select count(*) from public.logs where event_type = 'session_restored'"
    )
    return count


async def test_it_has_both_chats_in_the_order_of_their_words(
    api: Database, people: People, make_session: MakeSession, say: Say
) -> None:
    session_id = await make_session(people.learner, main=3, helper=1)
    await say(people.learner, session_id, "Zwei Äpfel, bitte.")
    await say(people.learner, session_id, "What are Äpfel?", chat_type="helper")
    reply = await api.session(people.learner).call("get_active_session")
    said = [(each["chat_type"], each["role"], each["content"]) for each in reply["messages"]]
    assert said[-2:] == [("main", "user", "Zwei Äpfel, bitte."), ("helper", "user", "What are Äpfel?")]
    assert len(said) == 6
    moments = [each["timestamp"] for each in reply["messages"]]
    assert moments == sorted(moments)
    assert reply["session"]["session_id"] == str(session_id)
    assert reply["progress"]["message_count_main"] == 4
    assert reply["answers"] == []


async def test_it_names_the_answers_that_are_being_made(
    api: Database, people: People, make_session: MakeSession, owner: asyncpg.Connection
) -> None:
    await make_session(people.learner, main=2)
    answer = await owner.fetchrow(
        "insert into practice.answers (session_id, chat_type, asked_message_id, source) "
        "select session_id, 'main', id, 'scripted' from public.messages where role = 'user' returning *"
    )
    [told] = (await api.session(people.learner).call("get_active_session"))["answers"]
    assert (told["answer_id"], told["asked_message_id"]) == (
        str(answer["id"]),
        str(answer["asked_message_id"]),
    )
    assert (told["chat_type"], told["source"]) == ("main", "scripted")


async def test_there_may_be_none(at: At, people: People, make_session: MakeSession) -> None:
    session = (await at()).database.session(people.learner)
    assert await session.call("get_active_session") is None
    await make_session(people.other_learner)
    await make_session(people.learner, main=4, started_at=TODAY, is_completed=True)
    assert await session.call("get_active_session") is None
    expired = TODAY - timedelta(hours=168, seconds=1)
    await make_session(people.learner, started_at=expired, last_activity_at=expired)
    assert await session.call("get_active_session") is None


async def test_a_return_after_five_minutes_is_noted(
    at: At, people: People, make_session: MakeSession, owner: asyncpg.Connection
) -> None:
    await make_session(people.learner, started_at=TODAY, last_activity_at=TODAY)
    await (await at(TODAY + timedelta(minutes=4))).database.session(people.learner).call("get_active_session")
    assert await _restored(owner) == 0
    await (await at(TODAY + timedelta(minutes=6))).database.session(people.learner).call("get_active_session")
    assert await _restored(owner) == 1


async def test_a_return_is_noted_once_however_often_its_page_asks(
    at: At, people: People, make_session: MakeSession, owner: asyncpg.Connection
) -> None:
    await make_session(people.learner, started_at=TODAY, last_activity_at=TODAY)
    returned = (await at(TODAY + timedelta(hours=1), pool_size=10)).database.session(people.learner)
    await asyncio.gather(*(returned.call("get_active_session") for _ in range(50)))
    assert await _restored(owner) == 1
    await (await at(TODAY + timedelta(hours=2))).database.session(people.learner).call("get_active_session")
    assert await _restored(owner) == 2


@pytest.mark.parametrize(("function", "names_it"), [("abandon_session", True), ("delete_account", False)])
async def test_one_that_is_being_deleted_is_not_there(
    api: Database,
    people: People,
    make_session: MakeSession,
    owner: asyncpg.Connection,
    function: str,
    names_it: bool,
) -> None:
    hour_ago = datetime.now(UTC) - timedelta(hours=1)
    session_id = await make_session(people.learner, started_at=hour_ago, last_activity_at=hour_ago)
    async with owner.transaction():
        await reads.call(owner, people.learner, function, {"session_id": session_id} if names_it else {})
        reading = asyncio.create_task(api.session(people.learner).call("get_active_session"))
        await locks_awaited(owner)
    assert await reading is None


async def test_what_was_said_is_not_kept_as_a_reply(
    api: Database, people: People, make_session: MakeSession, owner: asyncpg.Connection
) -> None:
    await make_session(people.learner)
    await api.session(people.learner).call("get_active_session", idempotency_key="restore")
    assert await owner.fetchval("select count(*) from casebase.idempotency_keys") == 0
