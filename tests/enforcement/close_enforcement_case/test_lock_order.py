"""Whoever logs a call holds the plaintiff, then their tasks; closing takes them in that order too, so neither waits in a circle."""

from __future__ import annotations

import asyncio

import asyncpg

from casebase.kernel.db import Session
from tests.enforcement.conftest import MakeJudgment, OpenCase


async def test_closing_waits_for_the_plaintiff_before_it_takes_a_task(
    database: str,
    owner: asyncpg.Connection,
    service: Session,
    make_judgment: MakeJudgment,
    open_case: OpenCase,
) -> None:
    judgment = await make_judgment()
    case_id = await open_case(judgment)
    await owner.execute(
        "insert into plaintiff_tasks (tenant_id, plaintiff_id, enforcement_case_id, kind, title, created_by) "
        "select tenant_id, plaintiff_id, id, 'call', 'Call', 'test' from enforcement_cases"
    )
    caller = await asyncpg.connect(database)
    try:
        async with caller.transaction():
            await caller.execute(
                "select from plaintiffs where id = $1 for no key update", judgment.plaintiff_id
            )
            payload = {"case_id": case_id, "status": "withdrawn"}
            closing = asyncio.create_task(service.call("close_enforcement_case", {"payload": payload}))
            while not await owner.fetchval(
                "select exists (select from pg_stat_activity "
                "where datname = current_database() and wait_event_type = 'Lock')"
            ):
                assert not closing.done()
            # The task is still the caller's to take.
            await caller.execute("update plaintiff_tasks set status = 'done', closed_at = now()")
        assert (await closing)["cancelled_tasks"] == 0
    finally:
        await caller.close()
