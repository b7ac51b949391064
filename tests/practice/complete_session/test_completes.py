"""A completed session has its time and duration, counts once, and never changes again."""

from __future__ import annotations

import json
from datetime import timedelta
from uuid import uuid4

import asyncpg
import pytest

from casebase.kernel.db import Database, Session
from casebase.kernel.errors import RpcError
from tests.practice.conftest import TODAY, At, MakeSession, People, Say
from tests.support.refusals import refusal_of


async def test_it_counts(
    at: At, people: People, make_session: MakeSession, owner: asyncpg.Connection
) -> None:
    started = TODAY - timedelta(minutes=17)
    session_id = await make_session(
        people.learner, main=16, helper=3, started_at=started, last_activity_at=TODAY - timedelta(minutes=1)
    )
    reply = (
        await (await at())
        .database.session(people.learner)
        .call("complete_session", {"session_id": session_id})
    )
    completed = reply["session"]
    assert completed["is_completed"]
    assert completed["session_id"] == str(session_id)
    assert (completed["message_count_main"], completed["message_count_helper"]) == (16, 3)
    assert 17 * 60 <= completed["duration_seconds"] < 18 * 60
    assert completed["expires_at"] is None
    assert (reply["is_repeated"], reply["completed_scenario_count"]) == (False, 1)
    allowance = reply["allowance"]
    assert (allowance["completed_this_week"], allowance["remaining"]) == (1, 2)
    metadata = json.loads(
        await owner.fetchval("select metadata from public.logs where event_type = 'scenario_completed'")
    )
    assert metadata == {
        "scenario_id": 1,
        "message_count_main": 16,
        "message_count_helper": 3,
        "duration_ms": completed["duration_seconds"] * 1000,
    }


async def test_again_it_changes_nothing(
    at: At, people: People, make_session: MakeSession, owner: asyncpg.Connection
) -> None:
    session_id = await make_session(people.learner, main=4, started_at=TODAY, last_activity_at=TODAY)
    session = (await at()).database.session(people.learner)
    first, again = [await session.call("complete_session", {"session_id": session_id}) for _ in range(2)]
    assert again == {**first, "is_repeated": True}
    assert await owner.fetchval(
        "select completed_scenario_count from public.profiles where id = $1", people.learner.sub
    ) == 1  # fmt: skip
    assert (
        await owner.fetchval("select count(*) from public.logs where event_type = 'scenario_completed'") == 1
    )


async def test_nothing_is_said_in_it_any_more(
    people: People, make_session: MakeSession, say: Say, api: Database
) -> None:
    session_id = await make_session(people.learner, main=2)
    await api.session(people.learner).call("complete_session", {"session_id": session_id})
    with pytest.raises(RpcError, match="session_completed"):
        await say(people.learner, session_id)


async def test_the_answer_that_is_being_made_is_kept_as_far_as_it_came(
    people: People, make_session: MakeSession, api: Database, service: Session, owner: asyncpg.Connection
) -> None:
    session_id = await make_session(people.learner, main=1)
    answers = {}
    for chat_type in ("main", "helper"):
        started = await service.call(
            "start_answer",
            {
                "payload": {
                    "user_id": people.learner.sub,
                    "session_id": session_id,
                    "chat_type": chat_type,
                    "content": "Was kostet das?",
                    "client_id": uuid4(),
                    "source": "scripted",
                }
            },
        )
        answers[chat_type] = started["answer_id"]
    await service.call(
        "add_answer_chunks",
        {"payload": {"chunks": [{"answer_id": answers["main"], "position": 1, "text": "Drei Eu"}]}},
    )
    reply = await api.session(people.learner).call("complete_session", {"session_id": session_id})
    assert (reply["session"]["message_count_main"], reply["session"]["message_count_helper"]) == (3, 2)
    kept = await owner.fetchrow(
        "select role, content, is_incomplete from public.messages where session_id = $1 "
        "order by timestamp desc limit 1",
        session_id,
    )
    assert tuple(kept) == ("scenario", "Drei Eu", True)
    states = dict(await owner.fetch("select chat_type, status from practice.answers"))
    assert states == {"main": "interrupted", "helper": "failed"}
    # Who still makes them learns that they were closed.
    late = await service.call(
        "add_answer_chunks",
        {"payload": {"chunks": [{"answer_id": answers["main"], "position": 2, "text": "ro."}]}},
    )
    assert late == {"running": []}


class TestRefuses:
    async def test_where_nothing_was_said_to_the_partner(
        self, api: Database, people: People, make_session: MakeSession, owner: asyncpg.Connection
    ) -> None:
        session_id = await make_session(people.learner, main=1, helper=4)
        refused = await refusal_of(
            owner, api.session(people.learner), "complete_session", session_id=session_id
        )
        assert (refused.status, refused.code) == (409, "session_empty")

    async def test_an_expired_one(
        self, at: At, people: People, make_session: MakeSession, owner: asyncpg.Connection
    ) -> None:
        moment = TODAY - timedelta(hours=168, seconds=1)
        session_id = await make_session(people.learner, main=4, started_at=moment, last_activity_at=moment)
        refused = await refusal_of(
            owner, (await at()).database.session(people.learner), "complete_session", session_id=session_id
        )
        assert (refused.status, refused.code) == (409, "session_expired")

    async def test_what_is_somebody_elses_or_nobodys(
        self, api: Database, people: People, make_session: MakeSession, owner: asyncpg.Connection
    ) -> None:
        theirs = await make_session(people.other_learner, main=4)
        session = api.session(people.learner)
        for session_id in (theirs, uuid4(), None):
            refused = await refusal_of(owner, session, "complete_session", session_id=session_id)
            assert (refused.status, refused.code) == (404, "session_not_found")
