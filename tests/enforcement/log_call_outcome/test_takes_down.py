"""A call becomes an attempt, a done task, the plaintiff's status and a row of its history."""

from __future__ import annotations

from uuid import UUID

import asyncpg

from casebase.kernel.db import Database, Session
from tests.enforcement.calls import add_call
from tests.enforcement.conftest import MakeJudgment, OpenCase, People


async def test_of_a_task(
    owner: asyncpg.Connection, api: Database, people: People, make_judgment: MakeJudgment, open_case: OpenCase
) -> None:
    judgment = await make_judgment()
    task_id = await add_call(owner, judgment.plaintiff_id, case_id=await open_case(judgment))
    answer = await api.session(people.operator).call(
        "log_call_outcome",
        {
            "plaintiff_id": str(judgment.plaintiff_id),
            "task_id": task_id,
            "outcome": "reached_hot",
            "notes": "Wants a levy soon.",
        },
    )
    assert answer["outcome"] == answer["plaintiff_status"] == "reached_hot"
    assert answer["task"] == {"task_id": task_id, "status": "done"}
    assert (answer["follow_up"], answer["cancelled_tasks"], answer["calls_in_window"]) == (None, 0, 1)

    actor = f"user:{people.operator.sub}"
    attempt = await owner.fetchrow("select * from plaintiff_call_attempts")
    assert attempt is not None
    assert attempt["id"] == UUID(answer["attempt_id"])
    assert (attempt["outcome"], attempt["interest"], attempt["is_conversation"]) == (
        "reached_hot",
        "hot",
        True,
    )
    assert (attempt["notes"], attempt["called_by"]) == ("Wants a levy soon.", actor)
    assert str(attempt["task_id"]) == task_id

    task = await owner.fetchrow("select *, metadata ->> 'outcome' as outcome from plaintiff_tasks")
    assert task is not None
    assert (task["status"], task["closed_by"], task["outcome"]) == ("done", actor, "reached_hot")
    assert await owner.fetchval("select status from plaintiffs") == "reached_hot"
    history = await owner.fetch(
        "select previous_status, status, reason, changed_by from plaintiff_status_history"
    )
    assert [tuple(row) for row in history] == [("new", "reached_hot", "call: reached_hot", actor)]


async def test_without_a_task(
    owner: asyncpg.Connection, service: Session, make_judgment: MakeJudgment
) -> None:
    judgment = await make_judgment()
    answer = await service.call(
        "log_call_outcome", {"plaintiff_id": str(judgment.plaintiff_id), "outcome": "no_answer"}
    )
    assert (answer["task"], answer["plaintiff_status"]) == (None, "no_answer")
    assert await owner.fetchval("select task_id is null and interest is null from plaintiff_call_attempts")


async def test_again_and_again_keeps_every_step(
    owner: asyncpg.Connection, service: Session, make_judgment: MakeJudgment
) -> None:
    call = {"plaintiff_id": str((await make_judgment()).plaintiff_id)}
    for outcome in ("no_answer", "left_voicemail", "no_answer"):
        answer = await service.call("log_call_outcome", {**call, "outcome": outcome})
    assert answer["calls_in_window"] == 3
    steps = await owner.fetch(
        "select previous_status, status from plaintiff_status_history order by position"
    )
    assert [tuple(step) for step in steps] == [
        ("new", "no_answer"),
        ("no_answer", "left_voicemail"),
        ("left_voicemail", "no_answer"),
    ]
