"""Waiting for what will be; the limit is for a defect, not for timing."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

import asyncpg

T = TypeVar("T")
PATIENCE_S = 90


async def eventually(look: Callable[[], Awaitable[T]], patience_s: float = PATIENCE_S) -> T:
    """Look until what is returned is true, and return it."""
    async with asyncio.timeout(patience_s):
        while not (found := await look()):
            await asyncio.sleep(0.01)
    return found


async def locks_awaited(
    connection: asyncpg.Connection, count: int = 1, *, on: str | None = None
) -> list[int]:
    """Wait until so many sessions of the database wait for a lock, on a table or on anything; return their process ids."""

    # Whose session it is, pg_stat_activity would say as of the first look of a transaction.
    async def look() -> list[int]:
        rows = await connection.fetch(
            """
            select distinct l.pid from pg_locks l
            where not l.granted and ($1::text is null or l.relation = $1::regclass)
              and exists (
                  select from pg_locks o join pg_database d on d.oid = o.database
                  where o.pid = l.pid and d.datname = current_database())
            """,
            on,
        )
        return [row["pid"] for row in rows] if len(rows) == count else []

    return await eventually(look)
