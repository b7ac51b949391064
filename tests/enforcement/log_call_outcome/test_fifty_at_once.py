"""Fifty callers at once: a task is done once, and no more calls are planned than the rule allows."""

from __future__ import annotations

import asyncio

import asyncpg

from casebase.kernel.db import Session
from casebase.kernel.errors import RpcError
from tests.enforcement.calls import add_call, in_days, use_utc
from tests.enforcement.conftest import MakeJudgment, OpenCase


async def test_a_task_is_done_once(
    owner: asyncpg.Connection, service: Session, make_judgment: MakeJudgment
) -> None:
    judgment = await make_judgment()
    task_id = await add_call(owner, judgment.plaintiff_id)
    call = {"plaintiff_id": str(judgment.plaintiff_id), "task_id": task_id, "outcome": "no_answer"}
    results = await asyncio.gather(
        *(service.call("log_call_outcome", call) for _ in range(50)), return_exceptions=True
    )
    refused = [(error.status, error.code) for error in results if isinstance(error, RpcError)]
    assert refused == [(409, "task_closed")] * 49
    assert await owner.fetchval("select count(*) from plaintiff_call_attempts") == 1
    assert await owner.fetchval("select count(*) from plaintiff_status_history") == 1


async def test_no_more_follow_ups_than_the_rule_allows(
    owner: asyncpg.Connection, service: Session, make_judgment: MakeJudgment
) -> None:
    judgment = await make_judgment()
    await use_utc(owner, judgment.tenant_id, calls_per_window=60)
    call = {"plaintiff_id": str(judgment.plaintiff_id), "outcome": "no_answer", "follow_up_at": in_days(3)}
    results = await asyncio.gather(
        *(service.call("log_call_outcome", call) for _ in range(50)), return_exceptions=True
    )
    # Each that is taken down is a call made and a call planned.
    assert sum(not isinstance(result, RpcError) for result in results) == 30
    assert await owner.fetchval("select count(*) from plaintiff_call_attempts") == 30
    assert await owner.fetchval("select count(*) from plaintiff_tasks where status = 'open'") == 30


async def test_a_case_that_closes_meanwhile_keeps_no_open_call(
    owner: asyncpg.Connection, service: Session, make_judgment: MakeJudgment, open_case: OpenCase
) -> None:
    judgment = await make_judgment()
    for _ in range(10):
        case_id = await open_case(judgment)
        task_id = await add_call(owner, judgment.plaintiff_id, case_id=case_id)
        await asyncio.gather(
            service.call(
                "log_call_outcome",
                {
                    "plaintiff_id": str(judgment.plaintiff_id),
                    "task_id": task_id,
                    "outcome": "callback",
                    "follow_up_at": in_days(20),
                },
            ),
            service.call("close_enforcement_case", {"payload": {"case_id": case_id, "status": "withdrawn"}}),
            return_exceptions=True,
        )
    assert await owner.fetchval("select count(*) from enforcement_cases where closed_at is null") == 0
    assert await owner.fetchval("select count(*) from plaintiff_tasks where status = 'open'") == 0
