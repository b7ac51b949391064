"""Note what the service does in ``public.logs``, without anybody waiting for it."""

from __future__ import annotations

import asyncio
import contextlib
import re
from collections import deque
from typing import Any, Final
from uuid import UUID, uuid4

import structlog

from casebase.kernel.clock import Clock
from casebase.kernel.db import Session
from casebase.kernel.errors import CasebaseError, RpcError
from casebase.modules.practice.enums import EventType, Level

Measure = bool | int | float | str | None

_CAPACITY: Final = 10_000
_BATCH: Final = 500
_GATHER_S: Final = 0.25
_RETRY_S: Final = (0.5, 1, 2, 5)
_FAREWELL_S: Final = 3
_CODE: Final = re.compile(r"[a-z][a-z_]{0,59}")

_log = structlog.get_logger(__name__)


class EventLog:
    """Keep events in memory until a task has written them, a batch at a time; written again, none counts twice.

    While the database is away they wait. Beyond ten thousand the oldest are dropped, and their number is noted.
    """

    def __init__(self, session: Session, clock: Clock, *, capacity: int = _CAPACITY) -> None:
        self._session = session
        self._clock = clock
        self._waiting: deque[dict[str, Any]] = deque(maxlen=capacity)
        self._dropped = 0
        self._writing: asyncio.Task[None] | None = None
        self._closing = asyncio.Event()

    def note(
        self,
        level: Level,
        event_type: EventType,
        *,
        user_id: UUID | None = None,
        session_id: UUID | None = None,
        **measures: Measure,
    ) -> None:
        """Note an event: never blocks, never raises.

        ``measures`` are those that ``practice.is_log_metadata`` knows: numbers, booleans and short codes. ``None`` is
        left out, and a text that is no code becomes ``other``, so nothing that people wrote comes in by mistake.
        """
        if len(self._waiting) == self._waiting.maxlen:
            self._dropped += 1
        self._waiting.append(
            {
                "event_id": str(uuid4()),
                "at": self._clock.now().isoformat(),
                "level": level,
                "event_type": event_type,
                "user_id": user_id and str(user_id),
                "session_id": session_id and str(session_id),
                "metadata": {name: _safe(value) for name, value in measures.items() if value is not None},
            }
        )
        if not self._closing.is_set() and (self._writing is None or self._writing.done()):
            self._writing = asyncio.get_running_loop().create_task(self._write())

    async def close(self) -> None:
        """Write what waits, if the database takes it; what is noted afterwards is not written."""
        self._closing.set()
        if self._writing is not None:
            await asyncio.wait({self._writing}, timeout=_FAREWELL_S)
            self._writing.cancel()
        if self._waiting:
            _log.warning("events_not_written", count=len(self._waiting))

    async def _write(self) -> None:
        """Write until nothing waits; what is noted meanwhile joins the next batch."""
        pauses = iter(_RETRY_S)
        await self._pause(_GATHER_S)
        while self._waiting:
            self._tell_dropped()
            batch = [self._waiting.popleft() for _ in range(min(len(self._waiting), _BATCH))]
            try:
                await self._store(batch)
            except CasebaseError as error:
                _log.warning("events_delayed", count=len(batch), error_code=error.code)
                room = (self._waiting.maxlen or len(batch)) - len(self._waiting)
                self._dropped += max(0, len(batch) - room)
                self._waiting.extendleft(reversed(batch[-room:] if room else []))
                if self._closing.is_set():
                    return
                await self._pause(next(pauses, _RETRY_S[-1]))
            else:
                pauses = iter(_RETRY_S)

    async def _store(self, batch: list[dict[str, Any]]) -> None:
        try:
            await self._session.call("log_events", {"payload": {"events": batch}})
        except RpcError as error:
            if error.status != 422:
                raise
            # One that breaks a rule of the table must not keep the others out, nor be tried for ever.
            if len(batch) == 1:
                _log.warning("event_refused", event_type=batch[0]["event_type"])
                return
            for event in batch:
                await self._store([event])

    def _tell_dropped(self) -> None:
        if self._dropped:
            dropped, self._dropped = self._dropped, 0
            _log.warning("events_dropped", count=dropped)
            # In the place of one that is not there any more, so that this drops none.
            self._waiting.popleft()
            self.note("error", "unknown_error", reason="events_dropped", count=dropped + 1)

    async def _pause(self, seconds: float) -> None:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._closing.wait(), seconds)


def _safe(value: Measure) -> Measure:
    return value if not isinstance(value, str) or _CODE.fullmatch(value) else "other"
