"""Behind a pooler in transaction mode calls are counted for their own tables: both looks are one transaction's."""

from __future__ import annotations

import asyncio
import json

import asyncpg
import pytest

from casebase.kernel.db import SERVICE, Database
from tests.support import postgres
from tests.support.pgbouncer import SERVER_CONNECTIONS, pgbouncer

pytestmark = pytest.mark.xdist_group("pgbouncer")


async def test_calls_that_share_sessions_do_not_count_for_each_others_tables(
    owner: asyncpg.Connection, kernel_database: str, pg_server: postgres.Server
) -> None:
    callers, turns = 2 * SERVER_CONNECTIONS, 10
    async with (
        pgbouncer(pg_server.api_url(kernel_database)) as pooler,
        await Database.connect(pooler.url, pool_size=callers, pool_mode="transaction") as db,
    ):

        async def call(first: int) -> None:
            for number in range(first, first + turns):
                for function in ("write_note", "write_reading"):
                    await db.rpc(SERVICE, function, json.dumps({"id": number}))
                await db.rpc(SERVICE, "touch_nothing")

        await asyncio.gather(*(call(turns * caller) for caller in range(callers)))
        counts = {table: tally.ok for table, tally in db.calls.by_table().items()}
    assert counts == {"public.notes": callers * turns, "public.readings": callers * turns}
