"""What a process produced outlives it: killed, stopped or without its database."""

from __future__ import annotations

import asyncio
import signal
import socket
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import httpx
import pytest

from casebase.kernel.config import load_settings
from casebase.kernel.db import SERVICE, Database, Principal
from casebase.kernel.runtime import Runtime
from casebase.modules.practice import conversations
from casebase.modules.practice.keeping import Keeper
from casebase.modules.practice.running import PracticeService
from tests.acceptance.product import Running, environment, started
from tests.practice.chat.conftest import Process, Told, text_of
from tests.practice.conftest import MakeSession, People
from tests.support.chat_server import ChatServer
from tests.support.tokens import JWT_SECRET
from tests.support.waiting import PATIENCE_S, eventually, locks_awaited


@pytest.fixture
def half(model: ChatServer) -> ChatServer:
    """A model that never comes to its end."""

    async def say(_: Any) -> AsyncIterator[str]:
        yield "Das macht "
        await asyncio.Event().wait()

    model.streams(say)
    return model


@pytest.fixture
def env(tmp_path: Path, database: str, api_url: str, model: ChatServer) -> Mapping[str, str]:
    return environment(
        tmp_path,
        database_url=database,
        api_database_url=api_url,
        jwt_secret=JWT_SECRET,
        ai_url=model.url,
        ai_model="small-one",
    )


@pytest.fixture
def port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        number: int = listener.getsockname()[1]
    return number


@asynccontextmanager
async def reached(running: Running, port: int) -> AsyncIterator[Process]:
    """Wait until a process answers, and lend it."""
    process = Process(f"http://127.0.0.1:{port}")

    async def is_ready() -> bool:
        assert running.process.poll() is None, running.said()
        try:
            return (await process.http.get(f"http://127.0.0.1:{port}/readyz")).status_code == 200
        except httpx.TransportError:
            return False

    async with process.http:
        await eventually(is_ready)
        yield process


async def heard_until_the_first_piece(process: Process, person: Principal, **said: Any) -> list[Told]:
    heard = []
    async with process.saying(person, **said) as events:
        async for event in events:
            heard.append(event)
            if event.name == "chunk":
                break
    return heard


async def test_killed_it_leaves_what_was_produced_marked(
    env: Mapping[str, str],
    port: int,
    half: ChatServer,
    api_url: str,
    people: People,
    make_session: MakeSession,
) -> None:
    session_id, client_id = await make_session(people.learner), uuid4()
    with started("serve", "--port", str(port), env=env) as serve:
        async with reached(serve, port) as process:
            heard = await heard_until_the_first_piece(
                process, people.learner, session_id=session_id, client_id=client_id
            )
            serve.kill()
    # Twenty seconds later, for whoever comes next.
    with started("serve", "--port", str(port), env={**env, "CASEBASE_CLOCK_OFFSET": "PT21S"}) as serve:
        async with reached(serve, port) as process:
            rest = await process.say(
                people.learner, session_id, client_id=client_id, last_event_id=heard[-1].id
            )
            whole = await process.read(people.learner, session_id, heard[0].data["answer_id"])
    assert [event.name for event in rest] == ["done"]
    assert rest[0].data["is_incomplete"]
    assert [event.raw for event in whole] == [event.raw for event in (*heard, *rest)]
    assert text_of(whole) == "Das macht "
    async with await Database.connect(api_url, clock_offset=timedelta(seconds=21)) as database:
        await database.session(people.learner).call(
            "append_message",
            {"session_id": session_id, "chat_type": "main", "content": "Wie bitte?", "client_id": uuid4()},
        )


async def test_stopped_it_marks_what_does_not_end_within_seconds(
    env: Mapping[str, str], port: int, half: ChatServer, people: People, make_session: MakeSession
) -> None:
    session_id = await make_session(people.learner)
    heard = []
    with started("serve", "--port", str(port), env=env) as serve:
        async with (
            reached(serve, port) as process,
            process.saying(people.learner, session_id) as events,
        ):
            async for event in events:
                heard.append(event)
                if event.name == "chunk":
                    serve.process.send_signal(signal.SIGTERM)
        assert await serve.ended() in (0, -signal.SIGTERM), serve.said()
    assert [event.name for event in heard] == ["message", "chunk", "done"]
    assert heard[-1].data["is_incomplete"]


class TestWithinOne:
    """A service without HTTP in front."""

    @pytest.fixture
    async def practice(self, runtime: Runtime, model: ChatServer) -> AsyncIterator[PracticeService]:
        object.__setattr__(runtime, "settings", load_settings(ai_url=model.url, ai_model="small-one"))
        service = PracticeService(runtime)
        yield service
        await service.close()

    async def test_closed_it_takes_no_more(
        self, practice: PracticeService, people: People, make_session: MakeSession
    ) -> None:
        await practice.close()
        with pytest.raises(Exception, match="Nothing was answered") as refused:
            await practice.conversations.say(
                people.learner, await make_session(people.learner), "main", "Hallo!", uuid4()
            )
        assert refused.value.status == 503  # type: ignore[attr-defined]

    @pytest.mark.parametrize("principal", [SERVICE, Principal("anon")])
    async def test_only_people_speak(
        self, practice: PracticeService, principal: Principal, people: People, make_session: MakeSession
    ) -> None:
        session_id = await make_session(people.learner)
        with pytest.raises(Exception, match="signed in") as refused:
            await practice.conversations.say(principal, session_id, "main", "Hallo!", uuid4())
        assert refused.value.status == 403  # type: ignore[attr-defined]

    async def test_completed_meanwhile_it_ends_with_what_there_is(
        self,
        practice: PracticeService,
        half: ChatServer,
        api: Database,
        monkeypatch: pytest.MonkeyPatch,
        people: People,
        make_session: MakeSession,
    ) -> None:
        monkeypatch.setattr(conversations, "_BEAT_S", 0.05)
        session_id = await make_session(people.learner, main=2)
        answer = await practice.conversations.say(people.learner, session_id, "main", "Hallo!", uuid4())
        events = answer.events()
        assert [(await anext(events)).name for _ in range(2)] == ["message", "chunk"]
        await api.session(people.learner).call("complete_session", {"session_id": session_id})
        ended = await answer.whole()
        assert (ended.text, ended.is_incomplete) == ("Das macht ", True)

    async def test_completed_meanwhile_its_end_is_told_however_long_it_takes_to_keep(
        self,
        practice: PracticeService,
        half: ChatServer,
        api: Database,
        owner: asyncpg.Connection,
        database: str,
        monkeypatch: pytest.MonkeyPatch,
        people: People,
        make_session: MakeSession,
    ) -> None:
        seen = asyncio.Semaphore(0)
        beat = Keeper.beat

        async def watched(keeper: Keeper, answer_id: str) -> bool:
            is_running = await beat(keeper, answer_id)
            if not is_running:
                seen.release()
            return is_running

        monkeypatch.setattr(Keeper, "beat", watched)
        monkeypatch.setattr(conversations, "_BEAT_S", 0.05)
        half.streams(_silent)
        session_id = await make_session(people.learner, main=2)
        answer = await practice.conversations.say(people.learner, session_id, "main", "Hallo!", uuid4())
        holder = await asyncpg.connect(database)
        async with asyncio.timeout(PATIENCE_S), holder.transaction():
            await holder.execute("select from public.sessions where id = $1 for update", session_id)
            await owner.execute("select practice.close_answer($1)", UUID(answer.answer_id))
            await locks_awaited(owner)
            # Beats go on while the end waits for the session.
            for _ in range(3):
                await seen.acquire()
        await holder.close()
        async with asyncio.timeout(PATIENCE_S):
            ended = [event.data async for event in answer.events()][-1]
        assert ended["code"] == "interrupted"


async def _silent(_: Any) -> AsyncIterator[str]:
    await asyncio.Event().wait()
    yield ""
