"""What was said in an own session, whole, or from a moment on."""

from __future__ import annotations

from uuid import uuid4

import asyncpg

from casebase.kernel.db import Database
from tests.practice.conftest import MakeSession, People, Say
from tests.support.refusals import refusal_of


async def test_the_oldest_first(api: Database, people: People, make_session: MakeSession) -> None:
    session_id = await make_session(people.learner, main=4, helper=2)
    page = await api.session(people.learner).call("list_messages", {"session_id": session_id})
    assert len(page["items"]) == 6
    assert [each["content"] for each in page["items"] if each["chat_type"] == "main"] == [
        "Satz 1",
        "Satz 2",
        "Satz 3",
        "Satz 4",
    ]
    assert page["next_after"] == page["items"][-1]["timestamp"]


async def test_from_a_moment_on_nothing_is_left_out_or_told_twice(
    api: Database, people: People, make_session: MakeSession, say: Say
) -> None:
    session_id = await make_session(people.learner)
    session = api.session(people.learner)
    after = None
    told = []
    for n in range(6):
        await say(people.learner, session_id, f"Wort {n}", chat_type="main" if n % 2 else "helper")
        if n % 3 == 2:
            page = await session.call("list_messages", {"session_id": session_id, "after": after})
            told += page["items"]
            after = page["next_after"]
    whole = await session.call("list_messages", {"session_id": session_id})
    assert told == whole["items"]
    empty = await session.call("list_messages", {"session_id": session_id, "after": after})
    assert (empty["items"], empty["next_after"]) == ([], after)


async def test_a_completed_one_can_be_read(api: Database, people: People, make_session: MakeSession) -> None:
    session_id = await make_session(people.learner, main=4, helper=1, is_completed=True)
    page = await api.session(people.learner).call("list_messages", {"session_id": session_id})
    assert len(page["items"]) == 5


async def test_what_is_somebody_elses_or_nobodys_is_not_found(
    api: Database, people: People, make_session: MakeSession, owner: asyncpg.Connection
) -> None:
    theirs = await make_session(people.other_learner)
    for person in (people.learner, people.admin):
        for session_id in (theirs, uuid4(), None):
            refused = await refusal_of(owner, api.session(person), "list_messages", session_id=session_id)
            assert (refused.status, refused.code) == (404, "session_not_found")
