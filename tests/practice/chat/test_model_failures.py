"""Whatever the model's server does, an answer ends: tried again, kept as far as it came, or failed with a code."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

import asyncpg
import pytest

from casebase.kernel import ai
from tests.practice.chat.conftest import Process, StartProcess, Told, text_of
from tests.practice.conftest import MakeSession, People
from tests.support.chat_server import ChatServer
from tests.support.waiting import eventually

SECRET = "Frau Sommerfeld wohnt gegenüber"


@pytest.fixture(autouse=True)
def quick_retries(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ai, "_BACKOFF_S", 0.01)


async def noted(owner: asyncpg.Connection, last: str) -> dict[str, dict[str, Any]]:
    """The events that the log was told, by type, once it has the last one."""

    async def look() -> dict[str, dict[str, Any]]:
        rows = await owner.fetch(
            "select event_type, level, session_id, user_key, metadata from public.logs "
            "where event_type like 'api\\_%' order by created_at"
        )
        found = {
            row["event_type"]: {**json.loads(row["metadata"]), "level": row["level"], "key": row["user_key"]}
            for row in rows
        }
        return found if last in found else {}

    return await eventually(look)


async def ask(process: Process, people: People, make_session: MakeSession) -> list[Told]:
    return await process.say(people.learner, await make_session(people.learner), SECRET)


async def test_a_good_answer_is_noted_with_its_measures(
    owner: asyncpg.Connection, process: Process, model: ChatServer, people: People, make_session: MakeSession
) -> None:
    model.streams_pieces("Das macht ", "zwei Euro.")
    await ask(process, people, make_session)
    events = await noted(owner, "api_call_completed")
    assert list(events) == ["api_call_started", "api_call_completed"]
    completed = events["api_call_completed"]
    assert (completed["level"], completed["attempts"], completed["characters"]) == ("info", 1, 20)
    assert completed["duration_ms"] >= completed["first_chunk_ms"] >= 0
    assert completed["key"] is not None


@pytest.mark.parametrize("status", [429, 500, 503])
async def test_what_passes_is_tried_again(
    owner: asyncpg.Connection,
    process: Process,
    model: ChatServer,
    people: People,
    make_session: MakeSession,
    status: int,
) -> None:
    model.streams_pieces("Gern!")
    model.hook.answer = lambda _: status if len(model.hook.received) < 3 else 200
    events = await ask(process, people, make_session)
    assert text_of(events) == "Gern!"
    told = await noted(owner, "api_call_completed")
    assert told["api_call_completed"]["attempts"] == 3
    assert (told["api_retry_attempted"]["level"], told["api_retry_attempted"]["status"]) == ("warn", status)


@pytest.mark.parametrize(
    ("status", "asked", "code"),
    [(500, 3, "ai_unavailable"), (429, 3, "ai_unavailable"), (401, 1, "ai_refused")],
)
async def test_what_does_not_pass_fails_and_can_be_asked_again(
    owner: asyncpg.Connection,
    process: Process,
    model: ChatServer,
    people: People,
    make_session: MakeSession,
    status: int,
    asked: int,
    code: str,
) -> None:
    model.hook.answer = lambda _: status
    session_id, client_id = await make_session(people.learner), uuid4()
    failed = await process.say(people.learner, session_id, client_id=client_id)
    assert [event.name for event in failed] == ["message", "error"]
    assert failed[-1].data["code"] == code
    assert len(model.asked) == asked
    assert (await noted(owner, "api_call_failed"))["api_call_failed"]["status"] == status
    again = await process.read(people.learner, session_id, failed[0].data["answer_id"])
    assert again == failed

    model.streams_pieces("Gern!")
    events = await process.say(people.learner, session_id, client_id=client_id)
    assert text_of(events) == "Gern!"
    assert events[-1].data["progress"]["message_count_main"] == 3


async def test_as_json_a_failure_is_a_problem(
    process: Process, model: ChatServer, people: People, make_session: MakeSession
) -> None:
    model.hook.answer = lambda _: 401
    response = await process.ask(
        people.learner, await make_session(people.learner), accept="application/json"
    )
    assert (response.status_code, response.json()["code"]) == (503, "answer_failed")
    assert response.json()["reason"] == "ai_refused"


@pytest.mark.parametrize("finish", [None, "length"], ids=["cut off", "too long for the model"])
async def test_what_breaks_off_is_kept_and_marked(
    owner: asyncpg.Connection,
    process: Process,
    model: ChatServer,
    people: People,
    make_session: MakeSession,
    finish: str | None,
) -> None:
    async def say(_: Any) -> AsyncIterator[str]:
        yield "Das macht zw"

    model.streams(say, finish=finish)
    events = await ask(process, people, make_session)
    assert text_of(events) == "Das macht zw"
    assert events[-1].data["is_incomplete"]
    assert len(model.asked) == 1, "what was begun is not begun anew"
    assert "api_call_failed" in await noted(owner, "api_call_failed")


async def test_one_that_drips_ends_at_the_deadline(
    owner: asyncpg.Connection,
    start_process: StartProcess,
    model: ChatServer,
    people: People,
    make_session: MakeSession,
) -> None:
    async def drip(_: Any) -> AsyncIterator[str]:
        while True:
            yield "und "
            await asyncio.sleep(0.05)

    model.streams(drip)
    events = await ask(await start_process(ai_timeout_s=2), people, make_session)
    assert events[-1].data["is_incomplete"]
    timeout = (await noted(owner, "api_call_timeout"))["api_call_timeout"]
    assert timeout["chunks"] > 1


async def test_one_that_is_silent_fails_at_the_deadline(
    owner: asyncpg.Connection,
    start_process: StartProcess,
    model: ChatServer,
    people: People,
    make_session: MakeSession,
) -> None:
    model.hook.answer = lambda _: None
    events = await ask(await start_process(ai_timeout_s=0.3), people, make_session)
    assert events[-1].data["code"] == "ai_timeout"
    assert "api_call_timeout" in await noted(owner, "api_call_timeout")


@pytest.mark.parametrize(
    "garbage",
    [
        b"<html>",
        b"data: nonsense\n\n",
        b"data: {}\n\n",
        b'data: {"choices": [{"delta": 7}]}\n\n',
        b'data: {"error": {"message": "x"}}\n\n',
        b"data: " + b"[" * 50_000 + b"\n\n",
        b"data: [DONE]\n\n",
        b"",
    ],
    ids=["page", "no json", "no choices", "no text", "error", "too deep", "nothing", "empty"],
)
async def test_garbage_fails(
    process: Process, model: ChatServer, people: People, make_session: MakeSession, garbage: bytes
) -> None:
    async def stream(_: Any) -> AsyncIterator[bytes]:
        yield garbage

    model.streams_pieces()
    model.hook.stream = stream
    events = await ask(process, people, make_session)
    assert [event.name for event in events] == ["message", "error"]
    assert events[-1].data["code"] in ("ai_refused", "ai_unavailable")


@pytest.mark.parametrize(("pieces", "is_incomplete"), [(16, False), (20, True)], ids=["as much", "more"])
async def test_what_a_message_holds_is_told_and_more_is_cut_and_marked(
    process: Process,
    model: ChatServer,
    people: People,
    make_session: MakeSession,
    pieces: int,
    is_incomplete: bool,
) -> None:
    model.streams_pieces(*(["Wort " * 100] * pieces))
    events = await ask(process, people, make_session)
    assert len(text_of(events)) == 8000
    assert events[-1].data["is_incomplete"] is is_incomplete


async def test_what_no_database_stores_is_left_out(
    process: Process, model: ChatServer, people: People, make_session: MakeSession
) -> None:
    model.streams_pieces("\n\n", "Zwei\0 Euro \ud83d", "!")
    events = await ask(process, people, make_session)
    assert text_of(events) == "Zwei Euro ?!"
    assert not events[-1].data["is_incomplete"]


async def test_neither_log_nor_output_has_content(
    owner: asyncpg.Connection,
    process: Process,
    model: ChatServer,
    people: People,
    make_session: MakeSession,
    capfd: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level("DEBUG")
    answer = "Die Antwort, die niemand in einem Protokoll liest"
    model.streams_pieces(answer)
    model.hook.answer = lambda _: 500 if len(model.hook.received) < 2 else 200
    await ask(process, people, make_session)
    model.hook.body = lambda _: json.dumps({"error": {"message": answer}}).encode()
    model.hook.answer = lambda _: 400
    await process.say(people.other_learner, await make_session(people.other_learner), SECRET)
    await noted(owner, "api_call_failed")
    rows = "".join(row[0] for row in await owner.fetch("select l::text from public.logs l"))
    said = rows + caplog.text + "".join(capfd.readouterr())
    for secret in (SECRET, answer, str(people.learner.sub), "Frau"):
        assert secret not in said
