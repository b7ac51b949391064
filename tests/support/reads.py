"""How a call reads: rows of each table, as the server itself counts them within a transaction, and its plans."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Collection, Mapping
from contextlib import asynccontextmanager
from typing import Any

import asyncpg

from casebase.kernel.db import Principal

_AUTO_EXPLAIN = """
    load 'auto_explain';
    set local auto_explain.log_min_duration = 0;
    set local auto_explain.log_nested_statements = on;
    set local auto_explain.log_level = notice;
    set local client_min_messages = notice
"""


async def call(
    owner: asyncpg.Connection, principal: Principal, function: str, arguments: Mapping[str, Any]
) -> Any:
    """Call a function within the connection's transaction; return its answer."""
    body = await owner.fetchval(
        "select body::text from casebase.rpc($1::jsonb, $2, $3::jsonb)",
        principal.claims_json,
        function,
        json.dumps(arguments, default=str),
    )
    await owner.execute("set local role none")
    return json.loads(body) if body is not None else None


@asynccontextmanager
async def counting(
    owner: asyncpg.Connection, *, with_entries: bool = True
) -> AsyncIterator[dict[str, tuple[int, int]]]:
    """Count, of each table, the rows that are read inside: by whole scans, and by index.

    ``with_entries`` counts an index's entries too: those that needed no row, or whose row was not seen.
    """
    counted: dict[str, tuple[int, int]] = {}
    before = await _counters(owner, with_entries)
    yield counted
    after = await _counters(owner, with_entries)
    counted.update(
        {table: (after[table][0] - before[table][0], after[table][1] - before[table][1]) for table in after}
    )


@asynccontextmanager
async def rows_read(
    owner: asyncpg.Connection, *, with_entries: bool = True
) -> AsyncIterator[dict[str, tuple[int, int]]]:
    """Count as ``counting`` does; all that is done inside is rolled back."""
    transaction = owner.transaction()
    await transaction.start()
    try:
        async with counting(owner, with_entries=with_entries) as counted:
            yield counted
    finally:
        await transaction.rollback()


def assert_read_by_index(
    counted: Mapping[str, tuple[int, int]], *, small: Collection[str], **at_most: int
) -> None:
    """But for small tables nothing was read from end to end, and of none more rows and index entries than so many."""
    too_many = {
        table: read
        for table, read in counted.items()
        # One entry more tells a stretch's end; a few lookups by key are everybody's.
        if table not in small and (read[0] > 0 or read[1] > at_most.get(table.partition(".")[2], 0) + 16)
    }
    assert too_many == {}


@asynccontextmanager
async def plans(owner: asyncpg.Connection) -> AsyncIterator[list[str]]:
    """Collect the plans of all that is executed inside, statements of functions included; roll back at the end."""
    found: list[str] = []

    def note(_: object, message: asyncpg.PostgresLogMessage) -> None:
        found.append(str(message))

    transaction = owner.transaction()
    await transaction.start()
    try:
        await owner.execute(_AUTO_EXPLAIN)
        owner.add_log_listener(note)
        yield found
    finally:
        owner.remove_log_listener(note)
        await transaction.rollback()


async def _counters(owner: asyncpg.Connection, with_entries: bool) -> dict[str, tuple[int, int]]:
    rows = await owner.fetch(
        """
        select t.schemaname || '.' || t.relname as name, t.seq_tup_read,
               coalesce(t.idx_tup_fetch, 0) + case when $1 then coalesce((
                   select sum(pg_stat_get_xact_tuples_returned(i.indexrelid)) from pg_index i where i.indrelid = t.relid), 0)
               else 0 end
        from pg_stat_xact_user_tables t
        """,
        with_entries,
    )
    return {table: (scanned, int(fetched)) for table, scanned, fetched in rows}
