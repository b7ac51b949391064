"""Of fifty who open the enforcement of one judgment, one does."""

from __future__ import annotations

import asyncio

import asyncpg

from casebase.kernel.db import Session
from casebase.kernel.errors import RpcError
from tests.enforcement.conftest import MakeJudgment


async def test_one_case_is_opened(
    owner: asyncpg.Connection, service: Session, make_judgment: MakeJudgment
) -> None:
    judgment = await make_judgment()
    results = await asyncio.gather(
        *(
            service.call("open_enforcement_case", {"payload": {"judgment_id": str(judgment.id)}})
            for _ in range(50)
        ),
        return_exceptions=True,
    )
    refused = [result for result in results if isinstance(result, RpcError)]
    opened = [result for result in results if isinstance(result, str)]
    assert {(error.status, error.code) for error in refused} == {(409, "case_already_open")}
    assert (len(opened), len(refused)) == (1, 49)
    assert [str(row[0]) for row in await owner.fetch("select id from enforcement_cases")] == opened
    assert await owner.fetchval("select count(*) from enforcement_history") == 1
