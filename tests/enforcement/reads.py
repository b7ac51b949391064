"""How many rows a call reads, as the server itself counts them within a transaction: by whole scans, by index."""

from __future__ import annotations

from typing import Any

import asyncpg

from casebase.kernel.db import SERVICE
from tests.support import reads

COUNT = 20_000
"""How many cases the fixture ``many_cases`` makes."""

SCHEMAS = {"public", "enforcement", "judgments", "enrichment"}
# A few rows each; looking one up by index beats nothing.
SMALL = {
    *("event_kinds", "playbook", "enforcement_stage_lookup", "enforcement_tier_lookup", "settings"),
    *("tenants", "event_outbox", "queues", "call_outcomes", "call_outcome_aliases", "outreach_rules"),
}


async def call(many: asyncpg.Connection, function: str, arguments: dict[str, Any]) -> Any:
    """Call a function as the service, within the connection's transaction."""
    return await reads.call(many, SERVICE, function, arguments)


async def rows_read(
    many: asyncpg.Connection, function: str, arguments: dict[str, Any]
) -> tuple[Any, dict[str, tuple[int, int]]]:
    """Call a function; return its answer and how many rows of each table it read: by whole scans, by index."""
    async with reads.counting(many, with_entries=False) as counted:
        answer = await call(many, function, arguments)
    named = ((*table.split("."), read) for table, read in counted.items())
    return answer, {name: read for schema, name, read in named if schema in SCHEMAS and name not in SMALL}


def assert_few(counted: dict[str, tuple[int, int]], at_most: int) -> None:
    """Nothing was read from end to end, and of no table more than so many rows."""
    assert {table: read for table, read in counted.items() if read[0] > 0 or read[1] > at_most} == {}
