"""An event counts once under its id, however often and by how many it is written."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any
from uuid import uuid4

import asyncpg
import pytest

from casebase.kernel.db import Database, Principal
from casebase.kernel.errors import RpcError
from tests.practice.conftest import TODAY, At, MakeSession, People
from tests.support.refusals import refusal_of, wrong_fields


def event(**fields: Any) -> dict[str, Any]:
    return {"event_id": str(uuid4()), "level": "info", "event_type": "user_logout", **fields}


async def test_written_again_it_counts_once(at: At, owner: asyncpg.Connection) -> None:
    session = (await at(pool_size=10)).session()
    await owner.execute("delete from public.logs")
    payload = {"events": [event() for _ in range(20)]}

    replies = await asyncio.gather(*(session.call("log_events", {"payload": payload}) for _ in range(50)))

    assert sum(reply["logged"] for reply in replies) == 20
    assert await owner.fetchval("select count(*) from public.logs") == 20


async def test_it_keeps_the_moment_it_was_noted_at(at: At, owner: asyncpg.Connection) -> None:
    session = (await at()).session()
    await owner.execute("delete from public.logs")
    earlier, later = TODAY - timedelta(hours=2), TODAY + timedelta(days=2)

    await session.call("log_events", {"payload": {"events": [event(at=earlier.isoformat())]}})
    assert await owner.fetchval("select created_at from public.logs") == earlier

    # A clock that is ahead does not keep an event for longer.
    await session.call("log_events", {"payload": {"events": [event(at=later.isoformat())]}})
    assert await owner.fetchval("select max(created_at) from public.logs") < later - timedelta(days=1)


async def test_what_waited_for_thirty_days_is_not_kept(at: At) -> None:
    session = (await at()).session()
    old = event(at=(TODAY - timedelta(days=31)).isoformat())
    assert await session.call("log_events", {"payload": {"events": [old]}}) == {"logged": 0}


async def test_a_session_that_is_being_deleted_is_not_waited_for(
    at: At, owner: asyncpg.Connection, people: People, make_session: MakeSession
) -> None:
    session_id = await make_session(people.learner)
    session = (await at()).session()
    await owner.execute("delete from public.logs")
    async with owner.transaction():
        await owner.execute("delete from public.sessions where id = $1", session_id)
        events = [event(session_id=str(session_id))]
        assert await session.call("log_events", {"payload": {"events": events}}) == {"logged": 1}
    assert await owner.fetchval("select session_id from public.logs") is None


@pytest.mark.parametrize(
    "wrong",
    [
        {"metadata": {"content": 1}},
        {"metadata": {"reason": "Guten Tag"}},
        {"metadata": {"reason": "anna@example.com"}},
        {"metadata": {"reason": {"deep": 1}}},
        {"metadata": {"count": 5_550_001_234_567}},
        {"metadata": {"reason": None}},
    ],
)
async def test_metadata_is_measures(at: At, owner: asyncpg.Connection, wrong: dict[str, Any]) -> None:
    session = (await at()).session()
    refused = await refusal_of(owner, session, "log_events", payload={"events": [event(), event(**wrong)]})
    assert wrong_fields(refused) == ["events"]


@pytest.mark.parametrize(
    "payload",
    [
        {},
        {"events": [{"level": "info"}]},
        {"events": [event(level="fatal")]},
        {"events": [event(user_id="me")]},
        {"events": [event(email="anna@example.com")]},
        {"events": [event()] * 1001},
    ],
)
async def test_events_have_their_form(at: At, owner: asyncpg.Connection, payload: dict[str, Any]) -> None:
    refused = await refusal_of(owner, (await at()).session(), "log_events", payload=payload)
    assert (refused.status, refused.code) == (422, "invalid_input")


async def test_a_type_that_nobody_knows_is_refused(at: At, owner: asyncpg.Connection) -> None:
    refused = await refusal_of(
        owner, (await at()).session(), "log_events", payload={"events": [event(event_type="user_smiled")]}
    )
    assert (refused.status, refused.code) == (422, "constraint_violated")


async def test_only_the_service_writes_the_log(api: Database, people: People) -> None:
    for caller in (people.learner, people.admin, Principal("anon")):
        for function, arguments in (
            ("log_events", {"payload": {"events": []}}),
            ("log_event", {"level": "info", "event_type": "user_logout"}),
        ):
            with pytest.raises(RpcError) as refused:
                await api.session(caller).call(function, arguments)
            assert refused.value.status == 403
