"""How many rows a call reads, as the server itself counts them within a transaction: by whole scans, by index."""

from __future__ import annotations

import json
from typing import Any

import asyncpg

from casebase.kernel.db import SERVICE

COUNT = 20_000
"""How many cases the fixture ``many_cases`` makes."""

# A few rows each; looking one up by index beats nothing.
SMALL = {
    *("event_kinds", "playbook", "enforcement_stage_lookup", "enforcement_tier_lookup", "settings"),
    *("tenants", "event_outbox", "queues", "call_outcomes", "call_outcome_aliases", "outreach_rules"),
}


async def call(many: asyncpg.Connection, function: str, arguments: dict[str, Any]) -> Any:
    """Call a function as the service, within the connection's transaction."""
    body = await many.fetchval(
        "select body::text from casebase.rpc($1::jsonb, $2, $3::jsonb)",
        SERVICE.claims_json,
        function,
        json.dumps(arguments, default=str),
    )
    await many.execute("set local role none")
    return json.loads(body) if body is not None else None


async def counters(many: asyncpg.Connection) -> dict[str, tuple[int, int]]:
    """How many rows of each table were read so far: by whole scans, by index."""
    rows = await many.fetch(
        """
        select relname, seq_tup_read, coalesce(idx_tup_fetch, 0) from pg_stat_xact_user_tables
        where schemaname in ('public', 'enforcement', 'judgments', 'enrichment')
        """
    )
    return {name: (scanned, fetched) for name, scanned, fetched in rows if name not in SMALL}


async def rows_read(
    many: asyncpg.Connection, function: str, arguments: dict[str, Any]
) -> tuple[Any, dict[str, tuple[int, int]]]:
    """Call a function; return its answer and how many rows of each table it read: by whole scans, by index."""
    before = await counters(many)
    answer = await call(many, function, arguments)
    after = await counters(many)
    return answer, {
        table: (after[table][0] - before[table][0], after[table][1] - before[table][1]) for table in after
    }


def assert_few(counted: dict[str, tuple[int, int]], at_most: int) -> None:
    """Nothing was read from end to end, and of no table more than so many rows."""
    assert {table: read for table, read in counted.items() if read[0] > 0 or read[1] > at_most} == {}
