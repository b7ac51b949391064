"""A follow-up is the next call of the same case, at the time that was said."""

from __future__ import annotations

from datetime import datetime

import asyncpg
import pytest

from casebase.kernel.db import Session
from tests.enforcement.calls import add_call, in_days
from tests.enforcement.conftest import MakeJudgment, OpenCase


@pytest.mark.parametrize("outcome", ["no_answer", "left_voicemail", "busy", "callback"])
async def test_is_planned(
    owner: asyncpg.Connection,
    service: Session,
    make_judgment: MakeJudgment,
    open_case: OpenCase,
    outcome: str,
) -> None:
    judgment = await make_judgment()
    case_id = await open_case(judgment, tier="tier2")
    at = in_days(2)
    answer = await service.call(
        "log_call_outcome",
        {
            "plaintiff_id": str(judgment.plaintiff_id),
            "task_id": await add_call(owner, judgment.plaintiff_id, case_id=case_id),
            "outcome": outcome,
            "follow_up_at": at,
        },
    )
    task = await owner.fetchrow("select * from plaintiff_tasks where status = 'open'")
    assert task is not None
    assert str(task["id"]) == answer["follow_up"]["task_id"]
    assert (task["kind"], str(task["enforcement_case_id"]), task["tier"]) == ("call", case_id, "tier2")
    assert (
        task["due_at"] == datetime.fromisoformat(at) == datetime.fromisoformat(answer["follow_up"]["due_at"])
    )
    assert await owner.fetchval("select reference from enforcement_cases") in task["title"]


async def test_of_a_conversation_waits_a_week(
    owner: asyncpg.Connection, service: Session, make_judgment: MakeJudgment
) -> None:
    call = {"plaintiff_id": str((await make_judgment()).plaintiff_id), "outcome": "reached_warm"}
    await service.call("log_call_outcome", {**call, "follow_up_at": in_days(7)})
    assert await owner.fetchval("select count(*) from plaintiff_tasks where status = 'open'") == 1
