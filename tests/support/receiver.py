"""A real HTTP server on loopback that keeps what it is sent and answers as the test says."""

from __future__ import annotations

import asyncio
import contextlib
import json
import ssl
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import Any

from tests.support.waiting import PATIENCE_S


@dataclass(frozen=True, slots=True)
class Received:
    """One request as it came."""

    target: str
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class Receiver:
    """What was received so far; ``answer`` gives the status for each request, ``None`` leaves it without answer."""

    port: int
    answer: Callable[[Received], int | None] = lambda _: 204
    headers: dict[str, str] = field(default_factory=dict)
    body: Callable[[Received], bytes] = lambda _: b""
    stream: Callable[[Received], AsyncIterator[bytes]] | None = None
    """What is sent after a 200 piece by piece, in the place of ``body``."""
    received: list[Received] = field(default_factory=list)
    _changed: asyncio.Condition = field(default_factory=asyncio.Condition)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hooks"

    async def wait_for(self, count: int) -> list[Received]:
        """Return what was received once it is so many requests."""
        async with asyncio.timeout(PATIENCE_S), self._changed:
            await self._changed.wait_for(lambda: len(self.received) >= count)
        return list(self.received)

    async def take(self, request: Received) -> int | None:
        async with self._changed:
            self.received.append(request)
            self._changed.notify_all()
        return self.answer(request)


@contextlib.asynccontextmanager
async def receiver(tls: ssl.SSLContext | None = None) -> AsyncIterator[Receiver]:
    """Run a receiver beside the block."""
    connections: set[asyncio.Task[None]] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await reply_to(reader, writer)
        finally:
            writer.close()
        with contextlib.suppress(OSError):
            await writer.wait_closed()

    async def reply_to(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
            headers = {
                name.lower(): value for name, _, value in (line.partition(": ") for line in head[1:-2])
            }
            body = await reader.readexactly(int(headers.get("content-length", 0)))
            request = Received(head[0].split(" ")[1], headers, body)
            status = await state.take(request)
            if status is None:
                await reader.read()  # until the other side gives up
            else:
                extra = "".join(f"{name}: {value}\r\n" for name, value in state.headers.items())
                if status == 200 and state.stream is not None:
                    writer.write(f"HTTP/1.1 200 X\r\n{extra}connection: close\r\n\r\n".encode())
                    async for piece in state.stream(request):
                        writer.write(piece)
                        await writer.drain()
                    return
                reply = b"" if status == 204 else state.body(request)
                length = "" if status == 204 else f"content-length: {len(reply)}\r\n"
                writer.write(f"HTTP/1.1 {status} X\r\n{extra}{length}connection: close\r\n\r\n".encode())
                writer.write(reply)
                await writer.drain()

    def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.create_task(serve(reader, writer))
        connections.add(task)
        task.add_done_callback(connections.discard)

    server = await asyncio.start_server(accept, "127.0.0.1", 0, ssl=tls)
    state = Receiver(server.sockets[0].getsockname()[1])
    async with server:
        try:
            yield state
        finally:
            for task in list(connections):
                task.cancel()
            await asyncio.gather(*connections, return_exceptions=True)
