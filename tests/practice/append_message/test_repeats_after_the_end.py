"""Whoever sends a message again learns that it was kept, also once its session is over."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest

from casebase.kernel.db import Database, Principal, Session
from casebase.kernel.errors import RpcError
from tests.practice.conftest import TODAY, At, MakeSession, People, Say


def asked_by(person: Principal, session_id: UUID) -> dict[str, Any]:
    return {
        "user_id": person.sub,
        "session_id": session_id,
        "chat_type": "main",
        "content": "Was kosten die Äpfel?",
        "client_id": uuid4(),
        "source": "model",
    }


async def test_of_a_message(api: Database, people: People, make_session: MakeSession, say: Say) -> None:
    session_id = await make_session(people.learner)
    client_id = uuid4()
    first = await say(people.learner, session_id, client_id=client_id)
    await api.session(people.learner).call("complete_session", {"session_id": session_id})
    again = await say(people.learner, session_id, client_id=client_id)
    assert (again["message_id"], again["is_repeated"]) == (first["message_id"], True)
    with pytest.raises(RpcError) as caught:
        await say(people.learner, session_id)
    assert caught.value.code == "session_completed"
    with pytest.raises(RpcError) as caught:
        await say(people.other_learner, session_id, client_id=client_id)
    assert caught.value.code == "session_not_found"


async def test_of_a_message_in_a_session_that_expired(
    at: At, people: People, make_session: MakeSession
) -> None:
    session_id = await make_session(people.learner, started_at=TODAY, last_activity_at=TODAY)
    said = {"session_id": session_id, "chat_type": "main", "content": "Hallo!", "client_id": uuid4()}
    now, later = await at(TODAY), await at(TODAY + timedelta(days=8))
    first = await now.session(people.learner).call("append_message", said)
    again = await later.session(people.learner).call("append_message", said)
    assert (again["message_id"], again["is_repeated"]) == (first["message_id"], True)


async def test_of_what_was_answered(
    api: Database,
    service: Session,
    people: People,
    make_session: MakeSession,
) -> None:
    asked = asked_by(people.learner, await make_session(people.learner))
    first = await service.call("start_answer", {"payload": asked})
    piece = {"answer_id": first["answer_id"], "position": 1, "text": "Zwei Euro."}
    await service.call("add_answer_chunks", {"payload": {"chunks": [piece]}})
    await api.session(people.learner).call("complete_session", {"session_id": asked["session_id"]})
    again = await service.call("start_answer", {"payload": asked})
    assert again["answer_id"] == first["answer_id"]
    assert again["chunks"] == [{"position": 1, "text": "Zwei Euro."}]


async def test_but_one_that_failed_is_not_answered_any_more(
    owner: asyncpg.Connection,
    api: Database,
    service: Session,
    people: People,
    make_session: MakeSession,
) -> None:
    asked = asked_by(people.learner, await make_session(people.learner))
    first = await service.call("start_answer", {"payload": asked})
    await service.call(
        "settle_answer", {"payload": {"answer_id": first["answer_id"], "error_code": "ai_timeout"}}
    )
    await api.session(people.learner).call("complete_session", {"session_id": asked["session_id"]})
    with pytest.raises(RpcError) as caught:
        await service.call("start_answer", {"payload": asked})
    assert caught.value.code == "session_completed"
    assert await owner.fetchval("select count(*) from practice.answers") == 1
