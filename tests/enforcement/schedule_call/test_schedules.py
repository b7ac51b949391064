"""A call that is planned is an open task of its plaintiff, at the case's rank."""

from __future__ import annotations

from datetime import datetime

import asyncpg

from casebase.kernel.db import Database, Session
from tests.enforcement.calls import in_days
from tests.enforcement.conftest import MakeJudgment, OpenCase, People
from tests.enforcement.judgments import DEBTOR


async def test_of_a_case(
    owner: asyncpg.Connection, api: Database, people: People, make_judgment: MakeJudgment, open_case: OpenCase
) -> None:
    judgment = await make_judgment()
    case_id = await open_case(judgment, tier="tier3")
    payload = {
        "plaintiff_id": str(judgment.plaintiff_id),
        "case_id": case_id,
        "due_at": in_days(3),
        "title": f"Ask about {DEBTOR}",
    }
    answer = await api.session(people.operator).call("schedule_call", {"payload": payload})
    task = await owner.fetchrow("select * from plaintiff_tasks")
    assert task is not None
    assert (str(task["id"]), task["kind"], task["status"]) == (answer["task_id"], "call", "open")
    assert (str(task["enforcement_case_id"]), task["tier"]) == (case_id, "tier3")
    assert (task["title"], task["created_by"]) == ("Ask about [subject]", f"user:{people.operator.sub}")
    assert (
        task["due_at"]
        == datetime.fromisoformat(payload["due_at"])
        == datetime.fromisoformat(answer["due_at"])
    )


async def test_of_nobodys_case(
    owner: asyncpg.Connection, service: Session, make_judgment: MakeJudgment
) -> None:
    payload = {"plaintiff_id": str((await make_judgment()).plaintiff_id), "due_at": in_days(0)}
    await service.call("schedule_call", {"payload": payload})
    assert await owner.fetchval("select title from plaintiff_tasks where enforcement_case_id is null")


async def test_ranks_as_the_case_does_while_it_waits(
    owner: asyncpg.Connection, service: Session, make_judgment: MakeJudgment, open_case: OpenCase
) -> None:
    judgment = await make_judgment()
    case_id = await open_case(judgment, tier="tier1")
    payload = {"plaintiff_id": str(judgment.plaintiff_id), "case_id": case_id, "due_at": in_days(1)}
    await service.call("schedule_call", {"payload": payload})
    override = {"case_id": case_id, "tier": "tier3", "expires_at": in_days(5), "note": "A house was sold."}
    await service.call("override_enforcement_tier", {"payload": override})
    assert await owner.fetchval("select tier from plaintiff_tasks") == "tier3"
