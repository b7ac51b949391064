"""Who has had too many answers made waits; what is sent again is told as ever, and what is refused does not count."""

from __future__ import annotations

from uuid import UUID, uuid4

import asyncpg
import pytest

from casebase.kernel.db import Database, Principal
from casebase.kernel.errors import ConfigurationError
from casebase.modules.practice.settings import load_practice_settings
from tests.practice.chat.conftest import Process, StartProcess, text_of
from tests.practice.conftest import MakeSession, People
from tests.support.chat_server import ChatServer
from tests.support.rows import all_rows
from tests.support.waiting import eventually

JSON = "application/json"


@pytest.fixture(params=["CASEBASE_PRACTICE_ANSWER_RATE", "CASEBASE_PRACTICE_ANSWER_DAILY_RATE"])
async def process(
    request: pytest.FixtureRequest,
    monkeypatch: pytest.MonkeyPatch,
    start_process: StartProcess,
    model: ChatServer,
) -> Process:
    """A process in which a person has two answers made in a day."""
    monkeypatch.setenv(request.param, "2/day")
    model.streams_pieces("Gern!")
    return await start_process()


async def used_up(process: Process, person: Principal, session_id: UUID) -> UUID:
    """Have two answers made; returns the second's client_id."""
    client_id = uuid4()
    await process.say(person, session_id)
    await process.say(person, session_id, client_id=client_id)
    return client_id


async def written(owner: asyncpg.Connection) -> list[list[str]]:
    """What there is of conversations; the log is told of refusals."""
    rows = await all_rows(owner)
    return [rows[table] for table in ("public.messages", "public.sessions", "practice.answers")]


async def test_one_too_many_is_refused_with_nothing_written(
    owner: asyncpg.Connection,
    api: Database,
    process: Process,
    model: ChatServer,
    people: People,
    make_session: MakeSession,
) -> None:
    session_id = await make_session(people.learner)
    await used_up(process, people.learner, session_id)
    logged = "select count(*) from public.logs where event_type = 'rate_limit_exceeded'"
    before = await written(owner)
    refused = await process.ask(people.learner, session_id, accept=JSON)
    assert (refused.status_code, refused.json()["code"]) == (429, "answer_rate_exceeded")
    assert int(refused.headers["retry-after"]) > 60
    assert await written(owner) == before
    await eventually(lambda: owner.fetchval(logged))
    # Nor does another session help.
    await api.session(people.learner).call("abandon_session", {"session_id": session_id})
    session_id = await make_session(people.learner)
    assert (await process.ask(people.learner, session_id, accept=JSON)).status_code == 429
    assert len(model.asked) == 2


async def test_others_are_not_concerned(process: Process, people: People, make_session: MakeSession) -> None:
    await used_up(process, people.learner, await make_session(people.learner))
    assert (
        text_of(await process.say(people.other_learner, await make_session(people.other_learner))) == "Gern!"
    )


async def test_what_is_sent_again_is_told(
    process: Process, people: People, make_session: MakeSession
) -> None:
    session_id = await make_session(people.learner)
    client_id = await used_up(process, people.learner, session_id)
    assert text_of(await process.say(people.learner, session_id, client_id=client_id)) == "Gern!"


async def test_neither_repeats_nor_refusals_count(
    process: Process, people: People, make_session: MakeSession
) -> None:
    session_id, client_id = await make_session(people.learner), uuid4()
    for _ in range(5):
        await process.say(people.learner, session_id, client_id=client_id)
        assert (await process.ask(people.learner, uuid4(), accept=JSON)).status_code == 404
    assert text_of(await process.say(people.learner, session_id)) == "Gern!"
    assert (await process.ask(people.learner, session_id, accept=JSON)).status_code == 429


@pytest.mark.parametrize("name", ["CASEBASE_PRACTICE_ANSWER_RATE", "CASEBASE_PRACTICE_ANSWER_DAILY_RATE"])
def test_a_rate_that_is_none_ends_the_start(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv(name, "a lot")
    with pytest.raises(ConfigurationError, match=name):
        load_practice_settings()
