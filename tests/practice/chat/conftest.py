"""Processes with a model of the test's own, and clients that read streams."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from typing import Any, NamedTuple
from uuid import UUID, uuid4

import httpx
import pytest

from casebase.kernel.config import load_settings
from casebase.kernel.db import Principal
from casebase.kernel.http import create_app
from casebase.kernel.runtime import Runtime
from tests.support.chat_server import ChatServer, chat_server
from tests.support.serving import serving
from tests.support.tokens import bearer

StartProcess = Callable[..., Awaitable["Process"]]


class Told(NamedTuple):
    """One event as it came: its bytes, id, name and data."""

    raw: bytes
    id: str
    name: str
    data: Any

    @property
    def position(self) -> int:
        return int(self.id.rpartition(":")[2])


class Process:
    """An API process, reached over loopback as a person."""

    def __init__(self, address: str) -> None:
        self.http = httpx.AsyncClient(base_url=f"{address}/v1/practice", timeout=60)

    @asynccontextmanager
    async def saying(
        self,
        person: Principal,
        session_id: UUID,
        content: str = "Was kosten die Äpfel?",
        *,
        chat_type: str = "main",
        client_id: UUID | None = None,
        last_event_id: str | None = None,
    ) -> AsyncIterator[AsyncIterator[Told]]:
        """Say something and read the events of its answer."""
        body = {"chat_type": chat_type, "content": content, "client_id": str(client_id or uuid4())}
        headers = bearer(person) | ({"Last-Event-ID": last_event_id} if last_event_id else {})
        address = f"/sessions/{session_id}/messages"
        async with self.http.stream("POST", address, json=body, headers=headers) as response:
            assert response.status_code == 200, await response.aread()
            assert response.headers["content-type"].startswith("text/event-stream")
            yield told(response)

    async def say(self, person: Principal, session_id: UUID, *content: str, **options: Any) -> list[Told]:
        """Say something and return all events of its answer."""
        async with self.saying(person, session_id, *content, **options) as events:
            return [event async for event in events]

    async def ask(self, person: Principal, session_id: UUID, *, accept: str, **body: Any) -> httpx.Response:
        """Say something and return the whole response."""
        document = {
            "chat_type": "main",
            "content": "Was kosten die Äpfel?",
            "client_id": str(uuid4()),
            **body,
        }
        return await self.http.post(
            f"/sessions/{session_id}/messages", json=document, headers=bearer(person) | {"Accept": accept}
        )

    async def get_answer(self, person: Principal, session_id: object, answer_id: str) -> httpx.Response:
        """Ask for an answer by its own address and return the whole response."""
        return await self.http.get(f"/sessions/{session_id}/answers/{answer_id}", headers=bearer(person))

    async def read(
        self, person: Principal, session_id: UUID, answer_id: str, last_event_id: str | None = None
    ) -> list[Told]:
        """Read an answer by its own address."""
        headers = bearer(person) | ({"Last-Event-ID": last_event_id} if last_event_id else {})
        address = f"/sessions/{session_id}/answers/{answer_id}"
        async with self.http.stream("GET", address, headers=headers) as response:
            assert response.status_code == 200, await response.aread()
            return [event async for event in told(response)]


async def told(response: httpx.Response) -> AsyncIterator[Told]:
    """Read server-sent events."""
    waiting = b""
    async for piece in response.aiter_bytes():
        *events, waiting = (waiting + piece).split(b"\n\n")
        for raw in events:
            if raw.startswith(b":"):
                continue
            fields = dict(line.split(": ", 1) for line in raw.decode().split("\n"))
            yield Told(raw, fields["id"], fields["event"], httpx.Response(200, text=fields["data"]).json())


def text_of(events: list[Told]) -> str:
    """What the pieces of an answer say together."""
    return "".join(event.data["text"] for event in events if event.name == "chunk")


@pytest.fixture
async def model() -> AsyncIterator[ChatServer]:
    """A model's server on loopback."""
    async with chat_server() as running:
        yield running


@pytest.fixture
async def start_process(runtime: Runtime, model: ChatServer) -> AsyncIterator[StartProcess]:
    """Start an API process that asks the test's model, or, with ``ai_url=None``, a script."""
    async with AsyncExitStack() as running:

        async def start(**settings: Any) -> Process:
            given = {"ai_url": model.url, "ai_model": "small-one", **settings}
            app = create_app(replace(runtime, settings=load_settings(**given)))
            running.push_async_callback(app.state.resources.aclose)
            process = Process(await running.enter_async_context(serving(app)))
            await running.enter_async_context(process.http)
            return process

        yield start


@pytest.fixture
async def process(start_process: StartProcess) -> Process:
    """An API process that asks the test's model."""
    return await start_process()
