"""An answer comes as events whose bytes are the same for whoever comes back, during and after, in any process."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from typing import Any
from uuid import uuid4

import asyncpg
import pytest

from casebase.modules.practice import conversations
from casebase.modules.practice.listening import MAX_STREAMS
from tests.practice.chat.conftest import Process, StartProcess, Told, text_of
from tests.practice.conftest import MakeSession, People
from tests.support.chat_server import ChatServer
from tests.support.waiting import eventually

PIECES = ("Zwei Euro ", "das Kilo. ", "Möchten Sie 🍏", "?\n\nGern!")


class Gate:
    """A model that says each piece when it is told to."""

    def __init__(self, model: ChatServer) -> None:
        self._allowed = asyncio.Semaphore(0)
        model.streams(self._say)

    def open(self, pieces: int = 1) -> None:
        for _ in range(pieces):
            self._allowed.release()

    async def _say(self, _: Any) -> AsyncIterator[str]:
        for piece in PIECES:
            await self._allowed.acquire()
            yield piece
        await self._allowed.acquire()


@pytest.fixture
def gate(model: ChatServer) -> Gate:
    return Gate(model)


async def test_message_chunks_done(
    owner: asyncpg.Connection, process: Process, model: ChatServer, people: People, make_session: MakeSession
) -> None:
    model.streams_pieces(*PIECES)
    session_id = await make_session(people.learner)
    events = await process.say(people.learner, session_id)
    message, *chunks, done = events
    assert (message.name, done.name, {chunk.name for chunk in chunks}) == ("message", "done", {"chunk"})
    assert [event.position for event in events] == list(range(len(events)))
    assert text_of(events) == "".join(PIECES)
    assert message.data["progress"]["message_count_main"] == 2
    assert (done.data["is_incomplete"], done.data["source"]) == (False, "model")
    assert done.data["progress"]["message_count_main"] == 3
    kept = await owner.fetchval("select content from public.messages where id = $1", done.data["message_id"])
    assert kept == "".join(PIECES)


async def test_after_a_cut_at_every_event_the_rest_is_the_same_bytes(
    process: Process,
    start_process: StartProcess,
    model: ChatServer,
    gate: Gate,
    people: People,
    make_session: MakeSession,
) -> None:
    other = await start_process()
    session_id, client_id = await make_session(people.learner), uuid4()
    whole: list[Told] = []
    resumed: list[tuple[int, asyncio.Task[list[Told]]]] = []
    async with process.saying(people.learner, session_id, client_id=client_id) as events:
        async for event in events:
            whole.append(event)
            # In the same process and in another, while the rest is not made yet.
            for reader in (process, other):
                rest = reader.say(people.learner, session_id, client_id=client_id, last_event_id=event.id)
                resumed.append((event.position, asyncio.create_task(rest)))
            gate.open(2 if len(whole) == len(PIECES) else 1)
    assert text_of(whole) == "".join(PIECES)
    for position, reading in resumed:
        assert [event.raw for event in await reading] == [event.raw for event in whole[position + 1 :]]
    # And afterwards, from what is kept.
    third = await start_process()
    answer_id = whole[0].data["answer_id"]
    for reader in (process, third):
        assert await reader.read(people.learner, session_id, answer_id) == whole
        for event in whole:
            later = await reader.read(people.learner, session_id, answer_id, event.id)
            assert later == whole[event.position + 1 :]
    assert len(model.asked) == 1


async def test_a_client_that_leaves_changes_nothing(
    process: Process, gate: Gate, people: People, make_session: MakeSession
) -> None:
    session_id, client_id = await make_session(people.learner), uuid4()
    async with process.saying(people.learner, session_id, client_id=client_id) as events:
        message = await anext(events)
    gate.open(len(PIECES) + 1)
    rest = await process.say(people.learner, session_id, client_id=client_id, last_event_id=message.id)
    assert text_of(rest) == "".join(PIECES)
    assert not rest[-1].data["is_incomplete"]


async def test_the_first_piece_does_not_wait_for_others(
    process: Process, gate: Gate, people: People, make_session: MakeSession
) -> None:
    async with process.saying(people.learner, await make_session(people.learner)) as events:
        await anext(events)
        gate.open()
        assert (await anext(events)).data == {"text": PIECES[0]}
        gate.open(len(PIECES))
        assert [event.name async for event in events][-1] == "done"


async def test_json_is_all_of_it(
    process: Process, model: ChatServer, people: People, make_session: MakeSession
) -> None:
    model.streams_pieces(*PIECES)
    session_id = await make_session(people.learner)
    response = await process.ask(people.learner, session_id, accept="application/json")
    assert response.status_code == 200
    answer = response.json()["answer"]
    assert (answer["text"], answer["is_incomplete"]) == ("".join(PIECES), False)
    assert answer["progress"]["message_count_main"] == 3


@pytest.mark.parametrize(
    ("accept", "kind"),
    [
        ("application/json; charset=utf-8", "application/json"),
        ("application/json, text/event-stream", "text/event-stream; charset=utf-8"),
        ("*/*", "text/event-stream; charset=utf-8"),
    ],
)
async def test_who_accepts_both_is_streamed_to(
    process: Process, model: ChatServer, people: People, make_session: MakeSession, accept: str, kind: str
) -> None:
    model.streams_pieces(*PIECES)
    session_id = await make_session(people.learner)
    response = await process.ask(people.learner, session_id, accept=accept)
    assert (response.status_code, response.headers["content-type"]) == (200, kind)


async def test_fifty_asks_at_once_are_one_answer(
    owner: asyncpg.Connection, process: Process, gate: Gate, people: People, make_session: MakeSession
) -> None:
    session_id = await make_session(people.learner)
    asking = [
        asyncio.create_task(process.ask(people.learner, session_id, accept="application/json"))
        for _ in range(50)
    ]
    ended = asyncio.as_completed(asking)
    refused = [await next(ended) for _ in range(49)]
    assert {(response.status_code, response.json()["code"]) for response in refused} == {
        (409, "answer_in_progress")
    }
    gate.open(len(PIECES) + 1)
    assert (await next(ended)).status_code == 200
    assert (
        await owner.fetchval("select message_count_main from public.sessions where id = $1", session_id) == 3
    )


async def test_twenty_repeats_hear_the_same(
    process: Process, model: ChatServer, people: People, make_session: MakeSession
) -> None:
    model.streams_pieces(*PIECES)
    session_id, client_id = await make_session(people.learner), uuid4()
    heard = await asyncio.gather(
        *(process.say(people.learner, session_id, client_id=client_id) for _ in range(MAX_STREAMS))
    )
    assert len({tuple(event.raw for event in events) for events in heard}) == 1
    assert len(model.asked) == 1


async def test_who_listens_to_too_many_is_refused_until_one_ends(
    process: Process, gate: Gate, people: People, make_session: MakeSession
) -> None:
    session_id, client_id = await make_session(people.learner), uuid4()
    async with process.saying(people.learner, session_id, client_id=client_id) as events:
        message = await anext(events)
        async with AsyncExitStack() as listening:
            listeners = [
                await listening.enter_async_context(
                    process.saying(people.learner, session_id, client_id=client_id)
                )
                for _ in range(MAX_STREAMS - 1)
            ]
            for listener in listeners:
                await anext(listener)
            for accept in ("text/event-stream", "application/json"):
                refused = await process.ask(
                    people.learner, session_id, accept=accept, client_id=str(client_id)
                )
                assert (refused.status_code, refused.json()["code"]) == (429, "too_many_streams")
                assert int(refused.headers["retry-after"]) > 0
        other_id = await make_session(people.other_learner)
        async with process.saying(people.other_learner, other_id) as others:
            await anext(others)
        gate.open(2 * len(PIECES) + 2)
        # Those that left make room.
        answer_id = message.data["answer_id"]

        async def is_heard() -> bool:
            return (await process.get_answer(people.learner, session_id, answer_id)).status_code == 200

        await eventually(is_heard)


async def test_elsewhere_all_who_listen_share_one_reading(
    owner: asyncpg.Connection,
    process: Process,
    start_process: StartProcess,
    gate: Gate,
    people: People,
    make_session: MakeSession,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    other = await start_process()
    reads, reading = 0, conversations._Elsewhere._read

    async def counted(story: Any) -> None:
        nonlocal reads
        reads += 1
        await reading(story)

    monkeypatch.setattr(conversations._Elsewhere, "_read", counted)
    session_id, client_id = await make_session(people.learner), uuid4()
    async with (
        process.saying(people.learner, session_id, client_id=client_id) as events,
        AsyncExitStack() as all_,
    ):
        message = await anext(events)
        listening = [
            await all_.enter_async_context(other.saying(people.learner, session_id, client_id=client_id))
            for _ in range(MAX_STREAMS)
        ]
        for listener in listening:
            await anext(listener)
        began = reads
        gate.open()
        for listener in listening:
            assert (await anext(listener)).data == {"text": PIECES[0]}
        heard = reads - began
        gate.open(len(PIECES))
        rest = [[event.raw async for event in listener] for listener in listening]
        assert len({tuple(each) for each in rest}) == 1
    # Not one for each of them.
    assert heard < MAX_STREAMS
    assert message.name == "message"
