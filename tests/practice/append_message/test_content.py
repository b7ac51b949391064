"""Something is said only by what can be seen."""

from __future__ import annotations

from uuid import uuid4

import asyncpg
import pytest

from casebase.kernel.db import Session
from casebase.kernel.errors import RpcError
from tests.practice.conftest import MakeSession, People, Say

INVISIBLE = {
    "nothing": "",
    "spaces": " \t\r\n\u00a0\u1680\u2003\u202f\u205f\u3000",
    "zero width": "\u200b\u200c\u200d\u2060\ufeff",
    "soft hyphen": "\u00ad",
    "directions": "\u061c\u200e\u200f\u202a\u202e\u2066\u2069",
    "blank letters": "\u115f\u1160\u2800\u3164\uffa0",
    "variation": "\ufe0f\u034f\U000e0100",
    "controls": "\x01\x1b\x7f\x85",
}


@pytest.mark.parametrize("content", INVISIBLE.values(), ids=INVISIBLE)
async def test_what_nobody_can_see_is_refused(
    people: People, make_session: MakeSession, say: Say, service: Session, content: str
) -> None:
    session_id = await make_session(people.learner)
    asked = {
        "user_id": people.learner.sub,
        "session_id": session_id,
        "chat_type": "main",
        "content": content,
        "client_id": uuid4(),
        "source": "model",
    }
    for attempt in (
        say(people.learner, session_id, content),
        service.call("start_answer", {"payload": asked}),
    ):
        with pytest.raises(RpcError) as refused:
            await attempt
        assert (refused.value.status, refused.value.code) == (422, "invalid_input")
        assert refused.value.detail["errors"][0]["field"] == "content"


@pytest.mark.parametrize(
    "content", ["ä", "?", "🙂", "👨\u200d👩\u200d👧", "❤\ufe0f", "\u200b.", "你", "\u202bשלום"]
)
async def test_what_can_be_seen_is_said_as_it_was_sent(
    owner: asyncpg.Connection, people: People, make_session: MakeSession, say: Say, content: str
) -> None:
    session_id = await make_session(people.learner)
    await say(people.learner, session_id, content)
    assert await owner.fetchval("select content from public.messages where role = 'user'") == content
