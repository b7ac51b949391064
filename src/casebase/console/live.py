"""Live updates: one LISTEN connection per process, fanned out to the open pages of those who may know.

An event says only that a subject changed; the page then fetches itself anew, under row level security as always.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

import asyncpg
import structlog
from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import StreamingResponse

from casebase.console.accounts import Accounts
from casebase.console.staff import StaffDep
from casebase.kernel.db import DRIVER_ERRORS
from casebase.kernel.errors import DatabaseUnavailableError

CHANNEL: Final = "casebase_live"
_RETRY_S: Final = (0.2, 0.5, 1, 2, 5)
_HEARTBEAT_S: Final = 15
_GATHER_S: Final = 0.15
_BACKLOG: Final = 200

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Change:
    """A subject that changed; without ``tenant_id``: anything may have, as the connection was lost meanwhile."""

    tenant_id: UUID | None = None
    topic: str = "*"
    subject_id: str | None = None


_ANYTHING: Final = Change()


class LiveFeed:
    """Listen while anyone is subscribed; reconnect by itself and then tell everyone to look again."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._subscribers: set[asyncio.Queue[Change | None]] = set()
        self._listener: asyncio.Task[None] | None = None
        self._is_listening = asyncio.Event()
        self._is_closed = False

    @contextlib.asynccontextmanager
    async def subscribe(self) -> AsyncIterator[asyncio.Queue[Change | None]]:
        """Yield a queue of changes; ``None`` on it means that the feed is closing."""
        queue: asyncio.Queue[Change | None] = asyncio.Queue(_BACKLOG)
        if self._is_closed:
            queue.put_nowait(None)
        self._subscribers.add(queue)
        if self._listener is None:
            self._listener = asyncio.create_task(self._listen())
        try:
            yield queue
        finally:
            self._subscribers.discard(queue)
            if not self._subscribers and self._listener is not None:
                self._listener.cancel()
                self._listener = None
                self._is_listening.clear()

    async def wait_listening(self, timeout_s: float = 5) -> bool:
        """Wait until changes arrive for sure; return whether they do."""
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._is_listening.wait(), timeout_s)
        return self._is_listening.is_set()

    def close(self) -> None:
        """End every stream, so that a server waiting for its connections can stop."""
        self._is_closed = True
        for queue in self._subscribers:
            _offer(queue, None)

    async def _listen(self) -> None:
        tries = 0
        while True:
            with contextlib.suppress(*DRIVER_ERRORS):
                await self._listen_once(is_again=tries > 0)
                tries = 0
            self._is_listening.clear()
            log.info("console_live_reconnecting", attempt=tries)
            await asyncio.sleep(_RETRY_S[min(tries, len(_RETRY_S) - 1)])
            tries += 1

    async def _listen_once(self, *, is_again: bool) -> None:
        lost = asyncio.Event()
        connection = await asyncpg.connect(
            self._url,
            timeout=5,
            statement_cache_size=0,
            server_settings={"application_name": "casebase-console-live"},
        )
        try:
            connection.add_termination_listener(lambda _: lost.set())
            await connection.add_listener(CHANNEL, self._receive)
            self._is_listening.set()
            if is_again:
                self._publish(_ANYTHING)
            await lost.wait()
        finally:
            connection.terminate()

    def _receive(self, _connection: object, _pid: int, _channel: str, payload: Any) -> None:
        try:
            said = json.loads(payload)
            change = Change(UUID(said["tenant_id"]), str(said["topic"]), said["subject_id"])
        except (ValueError, KeyError, TypeError):
            log.warning("console_live_payload_unreadable")
            return
        self._publish(change)

    def _publish(self, change: Change) -> None:
        for queue in self._subscribers:
            _offer(queue, change)


def _offer(queue: asyncio.Queue[Change | None], change: Change | None) -> None:
    """Put a change; a reader too slow for its backlog is told once that anything may have changed."""
    if queue.full():
        while not queue.empty():
            queue.get_nowait()
        queue.put_nowait(_ANYTHING)
    queue.put_nowait(change)


async def stream(
    feed: LiveFeed, accounts: Accounts, session_id: UUID, *, is_gone: Callable[[], Any]
) -> AsyncIterator[str]:
    """Yield server-sent events for one person until they leave, sign out or are removed.

    Changes are gathered for a moment, so a burst costs one look at the session, which says whose changes to pass on.
    """
    async with feed.subscribe() as queue:
        yield "retry: 2000\n\n"
        if await feed.wait_listening():
            yield "event: ready\ndata: {}\n\n"
        while not await is_gone():
            changes = await _gather(queue)
            if None in changes:
                return
            try:
                found = await accounts.use_session(session_id, is_sliding=False)
            except DatabaseUnavailableError:
                yield ": the database is away\n\n"
                continue
            if found is None:
                yield "event: signed-out\ndata: {}\n\n"
                return
            tenants = {UUID(tenant["id"]) for tenant in found["tenants"]}
            seen = [c for c in changes if c is not None and (c.tenant_id is None or c.tenant_id in tenants)]
            for change in dict.fromkeys(seen):
                yield f"event: change\ndata: {json.dumps({'topic': change.topic, 'subject_id': change.subject_id})}\n\n"
            if not seen:
                yield ": alive\n\n"


async def _gather(queue: asyncio.Queue[Change | None]) -> list[Change | None]:
    try:
        changes = [await asyncio.wait_for(queue.get(), _HEARTBEAT_S)]
    except TimeoutError:
        return []
    await asyncio.sleep(_GATHER_S)
    while not queue.empty():
        changes.append(queue.get_nowait())
    return changes


router = APIRouter()


@router.get("/live")
async def live(request: Request, staff: StaffDep) -> StreamingResponse:
    """Stream what changes for the person who is signed in."""
    state = request.app.state
    return StreamingResponse(
        stream(state.live, state.accounts, staff.session_id, is_gone=request.is_disconnected),
        media_type="text/event-stream",
        headers={"cache-control": "no-store", "x-accel-buffering": "no"},
    )
