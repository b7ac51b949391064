"""A start makes a session with its two first messages, one at a time, in a scenario that is offered."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

import asyncpg

from casebase.kernel.db import Database
from tests.practice.conftest import TODAY, At, MakeSession, People, Say
from tests.support.refusals import refusal_of


async def _log(owner: asyncpg.Connection) -> list[tuple[str, str]]:
    """Events but those of the account, with their levels."""
    return [
        tuple(row)
        for row in await owner.fetch(
            "select level, event_type from public.logs where event_type <> 'user_registered' order by event_type"
        )
    ]


async def test_it_tells_all_that_a_client_needs(at: At, people: People, owner: asyncpg.Connection) -> None:
    session = (await at()).database.session(people.learner)
    reply = await session.call("start_session", {"scenario_id": 3})
    started = reply["session"]
    assert started["scenario_id"] == 3
    assert not started["is_completed"]
    assert (started["message_count_main"], started["message_count_helper"]) == (1, 1)
    assert (started["completed_at"], started["duration_seconds"]) == (None, None)
    assert reply["scenario"] == {"scenario_id": 3, "title": "Kebab", "emoji": "🥙"}
    assert [(each["role"], each["chat_type"]) for each in reply["messages"]] == [
        ("scenario", "main"),
        ("helper", "helper"),
    ]
    opening = await owner.fetchrow(
        "select initial_message_main, initial_message_helper from public.scenarios where id = 3"
    )
    assert [each["content"] for each in reply["messages"]] == list(opening)
    assert reply["progress"]["message_count_main"] == 1
    assert reply["answers"] == []
    allowance = reply["allowance"]
    assert (allowance["completed_this_week"], allowance["limit"], allowance["remaining"]) == (0, 3, 3)
    assert allowance["resets_at"].startswith("2026-06-22T00:00:00")
    assert await session.call("get_active_session") == reply


async def test_it_is_noted(at: At, people: People, owner: asyncpg.Connection) -> None:
    await (await at()).database.session(people.learner).call("start_session", {"scenario_id": 1})
    assert await _log(owner) == [
        ("warn", "rate_limit_checked"),
        ("info", "scenario_started"),
        ("info", "session_created"),
    ]
    assert (
        await owner.fetchval("select count(distinct user_key) from public.logs where session_id is not null")
        == 1
    )


async def test_a_keyed_start_is_repeated_and_not_made_again(
    api: Database, people: People, owner: asyncpg.Connection
) -> None:
    session = api.session(people.learner)
    first, second = [
        await session.call("start_session", {"scenario_id": 1}, idempotency_key="start") for _ in range(2)
    ]
    assert first == second
    assert await owner.fetchval("select count(*) from public.sessions") == 1


class TestRefuses:
    async def test_a_second_one(self, api: Database, people: People, owner: asyncpg.Connection) -> None:
        session = api.session(people.learner)
        started = await session.call("start_session", {"scenario_id": 1})
        refused = await refusal_of(owner, session, "start_session", scenario_id=2)
        assert (refused.status, refused.code) == (409, "session_active")
        assert refused.detail == {"session_id": started["session"]["session_id"]}

    async def test_what_is_not_offered(
        self, api: Database, people: People, owner: asyncpg.Connection
    ) -> None:
        await owner.execute("update public.scenarios set is_active = false where id = 2")
        session = api.session(people.learner)
        outcomes = {}
        for scenario_id in (2, 99, None):
            refused = await refusal_of(owner, session, "start_session", scenario_id=scenario_id)
            outcomes[scenario_id] = (refused.status, refused.code)
        assert outcomes == {
            2: (409, "scenario_inactive"),
            99: (404, "scenario_not_found"),
            None: (404, "scenario_not_found"),
        }

    async def test_whoever_has_no_account(
        self, api: Database, people: People, owner: asyncpg.Connection
    ) -> None:
        await owner.execute("delete from auth.users where id = $1", people.learner.sub)
        refused = await refusal_of(owner, api.session(people.learner), "start_session", scenario_id=1)
        assert (refused.status, refused.code) == (403, "user_required")


class TestAnExpiredSession:
    async def test_makes_room_for_the_next(
        self, at: At, people: People, make_session: MakeSession, owner: asyncpg.Connection
    ) -> None:
        moment = TODAY - timedelta(hours=168, microseconds=1)
        expired = await make_session(people.learner, started_at=moment, last_activity_at=moment)
        reply = await (await at()).database.session(people.learner).call("start_session", {"scenario_id": 2})
        sessions = await owner.fetch("select id from public.sessions")
        assert [row["id"] for row in sessions] == [UUID(reply["session"]["session_id"])] != [expired]
        assert ("info", "session_expiration_cleanup") in await _log(owner)

    async def test_one_that_was_active_since_is_kept(
        self, at: At, people: People, make_session: MakeSession, owner: asyncpg.Connection, say: Say
    ) -> None:
        # Long enough after, whatever the call takes: the clock of the database goes on.
        moment = TODAY - timedelta(hours=167)
        kept: Any = await make_session(people.learner, started_at=moment, last_activity_at=moment)
        session = (await at()).database.session(people.learner)
        refused = await refusal_of(owner, session, "start_session", scenario_id=2)
        assert (refused.code, refused.detail) == ("session_active", {"session_id": str(kept)})
