"""An answer is made in pieces that are kept, ends as one message, and is told alike whenever it is read."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest

from casebase.kernel.db import Database, Principal, Session
from casebase.kernel.errors import RpcError
from casebase.modules.practice.keeping import Keeper
from tests.practice.conftest import TODAY, At, MakeSession, People, Say
from tests.support.waiting import PATIENCE_S, locks_awaited


async def start(
    service: Session,
    person: Principal,
    session_id: UUID,
    *,
    client_id: UUID | None = None,
    chat_type: str = "main",
    content: str = "Was kosten die Äpfel?",
) -> Any:
    return await service.call(
        "start_answer",
        {
            "payload": {
                "user_id": person.sub,
                "session_id": session_id,
                "chat_type": chat_type,
                "content": content,
                "client_id": client_id or uuid4(),
                "source": "model",
            }
        },
    )


async def add(service: Session, answer_id: str, *pieces: str, after: int = 0) -> list[str]:
    chunks = [
        {"answer_id": answer_id, "position": position, "text": text}
        for position, text in enumerate(pieces, after + 1)
    ]
    reply = await service.call("add_answer_chunks", {"payload": {"chunks": chunks}})
    return list(reply["running"])


async def settle(service: Session, answer_id: str, **end: str) -> Any:
    return await service.call("settle_answer", {"payload": {"answer_id": answer_id, **end}})


async def read(api: Database, person: Principal, answer_id: str, after: int = 0) -> Any:
    return await api.session(person).call("read_answer", {"answer_id": answer_id, "after": after})


async def test_what_is_read_during_and_after_is_alike(
    api: Database, service: Session, people: People, make_session: MakeSession
) -> None:
    started = await start(service, people.learner, await make_session(people.learner))
    answer_id = started["answer_id"]
    assert started["is_started"]
    assert started["material"]["main"][-1] == {"role": "user", "content": "Was kosten die Äpfel?"}
    assert await add(service, answer_id, "Zwei Euro ", "das Kilo. ") == [answer_id]
    during = await read(api, people.learner, answer_id)
    assert (during["status"], during["end"]) == ("running", None)
    await add(service, answer_id, "Möchten Sie 🍏?", after=2)
    settled = await settle(service, answer_id)
    after = await read(api, people.learner, answer_id)
    assert after == settled
    assert after["message"] == during["message"] == started["message"]
    assert [chunk["text"] for chunk in after["chunks"]] == ["Zwei Euro ", "das Kilo. ", "Möchten Sie 🍏?"]
    assert after["chunks"][:2] == during["chunks"]
    assert (await read(api, people.learner, answer_id, 2))["chunks"] == after["chunks"][2:]
    assert (after["end"]["is_incomplete"], after["end"]["progress"]["message_count_main"]) == (False, 3)


async def test_its_message_is_one_of_the_session(
    owner: asyncpg.Connection, service: Session, people: People, make_session: MakeSession
) -> None:
    session_id = await make_session(people.learner)
    answer_id = (await start(service, people.learner, session_id))["answer_id"]
    await add(service, answer_id, "Zwei ", "Euro.")
    await settle(service, answer_id)
    last = await owner.fetchrow(
        "select role, content, is_incomplete from public.messages where session_id = $1 "
        "order by timestamp desc limit 1",
        session_id,
    )
    assert tuple(last) == ("scenario", "Zwei Euro.", False)
    assert await owner.fetchval("select count(*) from practice.answer_chunks") == 0


async def test_one_at_a_time_in_a_chat(
    service: Session, people: People, make_session: MakeSession, say: Say
) -> None:
    session_id = await make_session(people.learner)
    await start(service, people.learner, session_id)
    for again in (start(service, people.learner, session_id), say(people.learner, session_id)):
        with pytest.raises(RpcError) as refused:
            await again
        assert (refused.value.status, refused.value.code) == (409, "answer_in_progress")
    assert (await start(service, people.learner, session_id, chat_type="helper"))["is_started"]


async def test_one_that_failed_is_asked_for_again(
    api: Database, service: Session, people: People, make_session: MakeSession
) -> None:
    session_id, client_id = await make_session(people.learner), uuid4()
    first = await start(service, people.learner, session_id, client_id=client_id)
    failed = await settle(service, first["answer_id"], error_code="ai_unavailable")
    assert (failed["status"], failed["end"]) == ("failed", {"code": "ai_unavailable"})
    second = await start(service, people.learner, session_id, client_id=client_id)
    assert second["is_started"]
    assert second["message"]["message_id"] == first["message"]["message_id"]
    await add(service, second["answer_id"], "Gern.")
    settled = await settle(service, second["answer_id"])
    third = await start(service, people.learner, session_id, client_id=client_id)
    assert third == {**settled, "is_started": False}


async def test_one_that_broke_off_keeps_what_was_produced(
    service: Session, people: People, make_session: MakeSession
) -> None:
    answer_id = (await start(service, people.learner, await make_session(people.learner)))["answer_id"]
    await add(service, answer_id, "Zwei Eu")
    ended = await settle(service, answer_id, error_code="ai_unavailable")
    assert (ended["status"], ended["end"]["is_incomplete"]) == ("interrupted", True)
    assert await add(service, answer_id, "ro", after=1) == []
    assert await settle(service, answer_id) == ended


@pytest.mark.parametrize("half", [{"text": "GEHEIM"}, {"position": 1}])
async def test_a_piece_has_its_position(
    service: Session, people: People, make_session: MakeSession, half: dict[str, Any]
) -> None:
    answer_id = (await start(service, people.learner, await make_session(people.learner)))["answer_id"]
    with pytest.raises(RpcError) as refused:
        await service.call("add_answer_chunks", {"payload": {"chunks": [{"answer_id": answer_id, **half}]}})
    assert (refused.value.status, refused.value.code) == (422, "invalid_input")
    assert "GEHEIM" not in f"{refused.value.detail} {refused.value.__cause__}"


async def test_a_piece_that_is_refused_is_refused_alone(
    service: Session, people: People, make_session: MakeSession
) -> None:
    session_id, other_id = await make_session(people.learner), await make_session(people.other_learner)
    good = (await start(service, people.learner, session_id))["answer_id"]
    bad = (await start(service, people.other_learner, other_id))["answer_id"]
    keeper = Keeper(service)
    kept, refused, beat = await asyncio.gather(
        keeper.keep(good, 1, "Gern."), keeper.keep(bad, 0, "Nein."), keeper.beat(bad), return_exceptions=True
    )
    assert (kept, beat) == (True, True)
    assert isinstance(refused, RpcError)
    assert refused.status == 422


class TestWhenItsProcessIsGone:
    """Nothing was heard of it for twenty seconds."""

    async def test_a_reader_closes_it(
        self, at: At, service: Session, people: People, make_session: MakeSession
    ) -> None:
        now = await at(TODAY)
        session_id = await make_session(people.learner, started_at=TODAY, last_activity_at=TODAY)
        answer_id = (await start(now.session(), people.learner, session_id))["answer_id"]
        await add(now.session(), answer_id, "Zwei Eu")
        later = await at(TODAY + timedelta(seconds=21))
        ended = await read(later.database, people.learner, answer_id)
        assert (ended["status"], ended["chunks"][0]["text"]) == ("interrupted", "Zwei Eu")

    async def test_whoever_asks_next_closes_it(
        self, at: At, people: People, make_session: MakeSession
    ) -> None:
        now = await at(TODAY)
        session_id = await make_session(people.learner, started_at=TODAY, last_activity_at=TODAY)
        first = await start(now.session(), people.learner, session_id)
        later = await at(TODAY + timedelta(seconds=21))
        assert (await start(later.session(), people.learner, session_id))["is_started"]
        ended = await read(later.database, people.learner, first["answer_id"])
        assert (ended["status"], ended["end"]) == ("failed", {"code": "interrupted"})

    async def test_a_sweep_closes_it(self, at: At, people: People, make_session: MakeSession) -> None:
        now = await at(TODAY)
        session_id = await make_session(people.learner, started_at=TODAY, last_activity_at=TODAY)
        await start(now.session(), people.learner, session_id)
        assert await now.session().call("close_stale_answers") == 0
        later = await at(TODAY + timedelta(seconds=21))
        assert await later.session().call("close_stale_answers") == 1
        assert await later.session().call("close_stale_answers") == 0

    @pytest.mark.parametrize("closing", ["a reader", "a sweep", "who sends it again"])
    async def test_closing_it_brings_no_expired_session_back(
        self, at: At, people: People, make_session: MakeSession, closing: str
    ) -> None:
        now, client_id = await at(TODAY), uuid4()
        session_id = await make_session(people.learner, started_at=TODAY, last_activity_at=TODAY)
        asked = await start(now.session(), people.learner, session_id, client_id=client_id)
        await add(now.session(), asked["answer_id"], "Zwei Eu")
        later = await at(TODAY + timedelta(hours=168, minutes=1))
        if closing == "a sweep":
            await later.session().call("close_stale_answers")
        elif closing == "who sends it again":
            await start(later.session(), people.learner, session_id, client_id=client_id)
        ended = await read(later.database, people.learner, asked["answer_id"])
        assert (ended["status"], ended["chunks"][0]["text"]) == ("interrupted", "Zwei Eu")
        assert await later.database.session(people.learner).call("get_active_session") is None
        assert await later.session().call("delete_expired_sessions") == 1

    @pytest.mark.parametrize("closing", ["a reader", "a sweep", "the next asker"])
    async def test_one_that_beats_meanwhile_goes_on(
        self, at: At, database: str, people: People, make_session: MakeSession, closing: str
    ) -> None:
        now = await at(TODAY)
        session_id = await make_session(people.learner, started_at=TODAY, last_activity_at=TODAY)
        answer_id = (await start(now.session(), people.learner, session_id))["answer_id"]
        later = await at(TODAY + timedelta(seconds=21))
        holder = await asyncpg.connect(database)
        async with asyncio.timeout(PATIENCE_S):
            async with holder.transaction():
                # It looks for an answer that is stale, finds this one, and waits for it.
                await holder.execute("select from practice.answers where id = $1 for update", UUID(answer_id))
                if closing == "a reader":
                    call = read(later.database, people.learner, answer_id)
                elif closing == "a sweep":
                    call = later.session().call("close_stale_answers")
                else:
                    call = start(later.session(), people.learner, session_id)
                closing_it = asyncio.create_task(call)
                await locks_awaited(holder)
                await holder.execute(
                    "update practice.answers set beat_at = $2 where id = $1",
                    UUID(answer_id),
                    TODAY + timedelta(seconds=20),
                )
            await asyncio.wait([closing_it])
        closing_it.exception()
        status = await holder.fetchval("select status from practice.answers where id = $1", UUID(answer_id))
        await holder.close()
        assert status == "running"


async def test_nobody_else_reads_it(
    api: Database, service: Session, people: People, make_session: MakeSession
) -> None:
    answer_id = (await start(service, people.learner, await make_session(people.learner)))["answer_id"]
    with pytest.raises(RpcError) as refused:
        await read(api, people.other_learner, answer_id)
    assert (refused.value.status, refused.value.code) == (404, "answer_not_found")
