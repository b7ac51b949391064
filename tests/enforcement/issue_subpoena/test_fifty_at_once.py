"""Of fifty who issue a case's subpoena at once, one does."""

from __future__ import annotations

import asyncio

import asyncpg

from casebase.kernel.db import Session
from casebase.kernel.errors import RpcError
from tests.enforcement.conftest import OpenCase


async def test_one_is_issued(owner: asyncpg.Connection, service: Session, open_case: OpenCase) -> None:
    payload = {"case_id": await open_case(), "document_path": "court/subpoena.pdf"}
    calls = [service.call("issue_subpoena", {"payload": payload}) for _ in range(50)]
    results = await asyncio.gather(*calls, return_exceptions=True)
    refused = [result for result in results if isinstance(result, RpcError)]
    assert len(refused) == 49
    assert {(error.status, error.code) for error in refused} == {(409, "subpoena_already_issued")}
    for table in ("enforcement_actions", "enforcement_events", "enforcement_documents", "plaintiff_tasks"):
        assert await owner.fetchval(f"select count(*) from {table}") == 1, table
