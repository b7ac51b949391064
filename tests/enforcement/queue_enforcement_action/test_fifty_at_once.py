"""Fifty at once open one action; and one of them ends it."""

from __future__ import annotations

import asyncio

import asyncpg

from casebase.kernel.db import Session
from casebase.kernel.errors import RpcError
from tests.enforcement.conftest import OpenCase


async def test_one_action_is_opened(owner: asyncpg.Connection, service: Session, open_case: OpenCase) -> None:
    levy = {"case_id": await open_case(), "action_type": "bank_levy"}
    calls = [
        service.call(
            "queue_enforcement_action", {"payload": {**levy, "status": "filed", "metadata": {f"try_{n}": n}}}
        )
        for n in range(50)
    ]
    assert len(set(await asyncio.gather(*calls))) == 1
    assert (
        await owner.fetchval(
            "select count(*) from jsonb_object_keys((select metadata from enforcement_actions))"
        )
        == 50
    )
    assert (
        await owner.fetchval("select count(*) from enforcement_history where change = 'action_opened'") == 1
    )


async def test_one_ends_it(owner: asyncpg.Connection, service: Session, open_case: OpenCase) -> None:
    levy = {"case_id": await open_case(), "action_type": "bank_levy"}
    await service.call("queue_enforcement_action", {"payload": {**levy, "status": "filed"}})
    calls = [
        service.call("queue_enforcement_action", {"payload": {**levy, "status": "completed"}})
        for _ in range(50)
    ]
    results = await asyncio.gather(*calls, return_exceptions=True)
    refused = [result for result in results if isinstance(result, RpcError)]
    assert len(refused) == 49
    assert {(error.status, error.code) for error in refused} == {(409, "action_not_open")}
    assert await owner.fetchval("select count(*) from enforcement_events") == 1
