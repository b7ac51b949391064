"""Note what the service does in ``public.logs``, without anybody waiting for it."""

from __future__ import annotations

import asyncio
import contextlib
import re
from collections import Counter, deque
from typing import Any, Final
from uuid import UUID, uuid4

import structlog

from casebase.kernel.clock import Clock
from casebase.kernel.db import Session
from casebase.kernel.errors import RpcError
from casebase.modules.practice.enums import EventType, Level

Measure = bool | int | float | str | None
_Kind = tuple[Level, EventType, UUID | None, tuple[tuple[str, Measure], ...]]

_LEAST_FIRST: Final[tuple[Level, ...]] = ("debug", "info", "warn", "error")
_CAPACITY: Final = 10_000
_BATCH: Final = 500
_GATHER_S: Final = 0.25
_COUNT_S: Final = 60
_RETRY_S: Final = (0.5, 1, 2, 5)
_FAREWELL_S: Final = 3
_CODE: Final = re.compile(r"[a-z][a-z_]{0,59}")

_log = structlog.get_logger(__name__)


class EventLog:
    """Keep events in memory until a task has written them, a batch at a time; written again, none counts twice.

    While the database is away they wait. Beyond ten thousand those that matter least are dropped, the oldest first, and
    their number is noted.
    """

    def __init__(
        self, session: Session, clock: Clock, *, capacity: int = _CAPACITY, count_s: float = _COUNT_S
    ) -> None:
        self._session = session
        self._clock = clock
        self._capacity = capacity
        self._count_s = count_s
        self._waiting: dict[Level, deque[dict[str, Any]]] = {level: deque() for level in _LEAST_FIRST}
        self._dropped = 0
        self._counted: Counter[_Kind] = Counter()
        self._counting: asyncio.TimerHandle | None = None
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
        self._waiting[level].append(
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
        self._drop_beyond(self._capacity)
        if not self._closing.is_set():
            self._begin_writing()

    def count(
        self, level: Level, event_type: EventType, *, user_id: UUID | None = None, **measures: Measure
    ) -> None:
        """Note an event that anybody causes as often as they like: the first at once, its like as one, every minute.

        That one has their ``count``. As ``note``, it never blocks and never raises.
        """
        kind: _Kind = (level, event_type, user_id, tuple(sorted(measures.items())))
        if kind in self._counted:
            self._counted[kind] += 1
            return
        self._counted[kind] = 0
        self.note(level, event_type, user_id=user_id, session_id=None, **measures)
        if self._counting is None and not self._closing.is_set():
            with contextlib.suppress(RuntimeError):
                self._counting = asyncio.get_running_loop().call_later(self._count_s, self._note_counted)

    async def close(self) -> None:
        """Write what waits, if the database takes it; what is noted afterwards is not written."""
        if self._counting is not None:
            self._counting.cancel()
        self._note_counted()
        if self._count_waiting() and not self._closing.is_set():
            self._begin_writing()
        self._closing.set()
        if self._writing is not None:
            await asyncio.wait({self._writing}, timeout=_FAREWELL_S)
            self._writing.cancel()
            await asyncio.wait({self._writing})
        if count := self._count_waiting():
            _log.warning("events_not_written", count=count)

    def _begin_writing(self) -> None:
        if self._writing is None or self._writing.done():
            # Where nothing runs yet, it waits for the next event, or the end.
            with contextlib.suppress(RuntimeError):
                loop = asyncio.get_running_loop()
                self._writing = loop.create_task(self._write())

    async def _write(self) -> None:
        """Write until nothing waits; what is noted meanwhile joins the next batch."""
        pauses = iter(_RETRY_S)
        await self._pause(_GATHER_S)
        while self._count_waiting():
            self._tell_dropped()
            batch = self._take()
            try:
                await self._store(batch)
            except asyncio.CancelledError:
                self._put_back(batch)
                raise
            except Exception as error:
                # Whatever it is: what was noted outlives it, and the task too.
                code = getattr(error, "code", type(error).__name__)
                _log.warning("events_delayed", count=len(batch), error_code=code)
                self._put_back(batch)
                if self._closing.is_set():
                    return
                await self._pause(next(pauses, _RETRY_S[-1]))
            else:
                pauses = iter(_RETRY_S)

    def _count_waiting(self) -> int:
        return sum(map(len, self._waiting.values()))

    def _take(self) -> list[dict[str, Any]]:
        """Take out a batch, what matters most first."""
        batch: list[dict[str, Any]] = []
        for level in reversed(_LEAST_FIRST):
            waiting = self._waiting[level]
            batch += [waiting.popleft() for _ in range(min(len(waiting), _BATCH - len(batch)))]
        return batch

    def _put_back(self, batch: list[dict[str, Any]]) -> None:
        for event in reversed(batch):
            self._waiting[event["level"]].appendleft(event)
        self._drop_beyond(self._capacity)

    def _drop_beyond(self, room: int) -> None:
        for _ in range(self._count_waiting() - room):
            next(waiting for level in _LEAST_FIRST if (waiting := self._waiting[level])).popleft()
            self._dropped += 1

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
            # Room for the event that says so.
            self._drop_beyond(self._capacity - 1)
            dropped, self._dropped = self._dropped, 0
            _log.warning("events_dropped", count=dropped)
            self.note("error", "unknown_error", reason="events_dropped", count=dropped)

    def _note_counted(self) -> None:
        """Begin a minute anew with nothing counted."""
        self._counting = None
        counted, self._counted = self._counted, Counter()
        for (level, event_type, user_id, measures), count in counted.items():
            if count:
                self.note(level, event_type, user_id=user_id, session_id=None, **dict(measures), count=count)

    async def _pause(self, seconds: float) -> None:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._closing.wait(), seconds)


def _safe(value: Measure) -> Measure:
    """Return what the table takes and JSON can hold, whatever a caller's types let through."""
    if isinstance(value, str):
        return value if _CODE.fullmatch(value) else "other"
    return value if isinstance(value, bool | int | float) and abs(value) < 1e12 else "other"
