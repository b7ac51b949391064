"""An abandoned session is gone with all that was said in it, and does not count."""

from __future__ import annotations

import json
from datetime import timedelta
from uuid import uuid4

import asyncpg
import pytest

from casebase.kernel.db import Database
from casebase.kernel.errors import RpcError
from tests.practice.conftest import TODAY, At, MakeSession, People, Say
from tests.support.refusals import refusal_of


async def test_it_is_gone_and_told(
    api: Database, people: People, make_session: MakeSession, owner: asyncpg.Connection
) -> None:
    session_id = await make_session(people.learner, main=5, helper=3)
    other = await make_session(people.other_learner, main=2)
    reply = await api.session(people.learner).call("abandon_session", {"session_id": session_id})
    assert reply == {"session_id": str(session_id), "message_count_main": 5, "message_count_helper": 3}
    assert [row["id"] for row in await owner.fetch("select id from public.sessions")] == [other]
    assert await owner.fetchval("select count(*) from public.messages where session_id <> $1", other) == 0
    assert await owner.fetchval("select sum(completed_scenario_count) from public.profiles") == 0
    noted = await owner.fetchrow(
        "select session_id, metadata from public.logs where event_type = 'scenario_abandoned'"
    )
    assert noted["session_id"] is None
    assert json.loads(noted["metadata"]) == {
        "scenario_id": 1,
        "message_count_main": 5,
        "message_count_helper": 3,
    }


async def test_then_another_can_be_started(api: Database, people: People, make_session: MakeSession) -> None:
    session = api.session(people.learner)
    await session.call("abandon_session", {"session_id": await make_session(people.learner)})
    assert await session.call("get_active_session") is None
    assert (await session.call("start_session", {"scenario_id": 2}))["session"]["scenario_id"] == 2


async def test_an_answer_that_is_being_made_goes_with_it(
    api: Database, people: People, make_session: MakeSession, owner: asyncpg.Connection
) -> None:
    session_id = await make_session(people.learner, main=2, helper=2)
    await owner.execute(
        "insert into practice.answers (session_id, chat_type, asked_message_id, source) "
        "select session_id, chat_type, id, 'scripted' from public.messages where role = 'user'"
    )
    await owner.execute(
        "insert into practice.answer_chunks (answer_id, position, content) select id, 1, 'Ja' from practice.answers"
    )
    await api.session(people.learner).call("abandon_session", {"session_id": session_id})
    assert await owner.fetchval("select count(*) from practice.answers") == 0
    assert await owner.fetchval("select count(*) from practice.answer_chunks") == 0


async def test_an_expired_one_can_be_abandoned(
    at: At, people: People, make_session: MakeSession, owner: asyncpg.Connection
) -> None:
    moment = TODAY - timedelta(days=9)
    session_id = await make_session(people.learner, started_at=moment, last_activity_at=moment)
    await (await at()).database.session(people.learner).call("abandon_session", {"session_id": session_id})
    assert await owner.fetchval("select count(*) from public.sessions") == 0


class TestRefuses:
    async def test_a_completed_one(
        self, api: Database, people: People, make_session: MakeSession, owner: asyncpg.Connection
    ) -> None:
        session_id = await make_session(people.learner, main=4, is_completed=True)
        refused = await refusal_of(
            owner, api.session(people.learner), "abandon_session", session_id=session_id
        )
        assert (refused.status, refused.code) == (409, "session_completed")

    async def test_what_is_somebody_elses_or_nobodys(
        self, api: Database, people: People, make_session: MakeSession, owner: asyncpg.Connection
    ) -> None:
        theirs = await make_session(people.other_learner)
        for session_id in (theirs, uuid4(), None):
            refused = await refusal_of(
                owner, api.session(people.learner), "abandon_session", session_id=session_id
            )
            assert (refused.status, refused.code) == (404, "session_not_found")


async def test_nothing_is_said_in_it_any_more(
    api: Database, people: People, make_session: MakeSession, say: Say
) -> None:
    session_id = await make_session(people.learner)
    await api.session(people.learner).call("abandon_session", {"session_id": session_id})
    with pytest.raises(RpcError, match="session_not_found"):
        await say(people.learner, session_id)
