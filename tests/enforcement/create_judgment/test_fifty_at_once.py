"""Of fifty who record one docket, one does, and leaves one plaintiff and one debtor."""

from __future__ import annotations

import asyncio

import asyncpg

from casebase.kernel.db import Session
from casebase.kernel.errors import RpcError
from tests.enforcement.enrichment_calls import judgment


async def test_one_is_written(owner: asyncpg.Connection, service: Session) -> None:
    results = await asyncio.gather(
        *(service.call("create_judgment", {"payload": judgment()}) for _ in range(50)), return_exceptions=True
    )
    refused = [result for result in results if isinstance(result, RpcError)]
    assert (len(refused), {error.code for error in refused}) == (49, {"docket_already_known"})
    for table, count in (
        ("judgments", 1),
        ("judgments.cases", 1),
        ("plaintiffs", 1),
        ("enrichment.entities", 2),
    ):
        assert await owner.fetchval(f"select count(*) from {table}") == count
