"""The history that all processes keep together: each adds what it counted to the database, once a minute."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

import structlog

from casebase.kernel.db import DRIVER_ERRORS, Database, translate
from casebase.kernel.db.calls import Tally
from casebase.kernel.errors import CasebaseError

_log = structlog.get_logger(__name__)
_EVERY_S: Final = 60.0
_PATIENCE_S: Final = 5.0
_ADD: Final = "select casebase.add_call_stats($1::jsonb, $2::jsonb)"
_NAMES: Final = "select * from casebase.list_function_names()"


class History:
    """Add what a database's calls and pool counted since the last time.

    What could not be written is kept for the next minute, and what a killed process had not written is lost. Where a
    connection breaks after the commit and before its answer, a minute is counted twice.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._written: dict[tuple[str, str], Tally] = {}
        self._waited = 0
        self._exhausted = 0

    async def run(self, stop: asyncio.Event) -> None:
        """Write once a minute until ``stop`` is set, and then what is left."""
        while not stop.is_set():
            await self.learn_names()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_EVERY_S):
                    await stop.wait()
            if not stop.is_set():
                await self.flush()
        await self.flush()

    async def learn_names(self) -> None:
        """Read which names functions have, so that no other becomes a label."""
        try:
            async with asyncio.timeout(_PATIENCE_S):
                names = await self._database.pool.fetch(_NAMES)
        except (*DRIVER_ERRORS, CasebaseError):
            return  # those that are known stay known
        self._database.calls.learn_names(row[0] for row in names)

    async def flush(self) -> None:
        """Write what is new, if anything is."""
        news = self._news()
        use = self._database.pool.use
        waited, exhausted, most_lent = use.waited, use.exhausted, use.most_lent
        if not news and exhausted == self._exhausted:
            return
        calls = [
            {
                "kind": kind,
                "name": name,
                "ok": tally.ok,
                "refused": tally.refused,
                "failed": tally.failed,
                "seconds": tally.seconds,
                "buckets": tally.buckets,
            }
            for (kind, name), tally in news.items()
        ]
        pool = {
            "size": use.size,
            "most_lent": most_lent,
            "waited": waited - self._waited,
            "exhausted": exhausted - self._exhausted,
        }
        use.most_lent = use.lent
        try:
            # At once: that the pool is exhausted has to be told while it is.
            async with asyncio.timeout(_PATIENCE_S), self._database.pool.acquire_at_once() as connection:
                await connection.execute(_ADD, json.dumps(calls), json.dumps(pool))
        except (*DRIVER_ERRORS, CasebaseError) as error:
            use.most_lent = max(use.most_lent, most_lent)
            _log.warning("call_stats_kept_back", error_code=translate(error).code)
            return
        self._waited, self._exhausted = waited, exhausted
        for key, tally in news.items():
            self._written.setdefault(key, Tally()).add(tally)

    def _news(self) -> dict[tuple[str, str], Tally]:
        counts = {("function", name): tally for name, tally in self._database.calls.by_function().items()}
        counts |= {("table", name): tally for name, tally in self._database.calls.by_table().items()}
        recent = {key: tally.since(self._written.get(key)) for key, tally in counts.items()}
        return {key: tally for key, tally in recent.items() if tally.calls}


@asynccontextmanager
async def keeping_history(database: Database) -> AsyncIterator[None]:
    """Keep a database's history for the length of a block, at the side of whatever happens in it."""
    stop = asyncio.Event()
    writing = asyncio.create_task(History(database).run(stop))
    try:
        yield
    finally:
        stop.set()
        # Whoever stops the process does not wait for a database that is away longer than for one question.
        await asyncio.wait({writing}, timeout=_PATIENCE_S)
        writing.cancel()
        await asyncio.wait({writing})
