"""A case ends with its status, awaits nothing any more, and tells what is left."""

from __future__ import annotations

import json
from typing import Any

import asyncpg
import pytest

from casebase.kernel.db import Database, Session
from tests.enforcement.conftest import MakeJudgment, OpenCase, People
from tests.enforcement.judgments import DEBTOR


async def close(session: Session, case_id: str, **payload: Any) -> Any:
    payload = {"case_id": case_id, "status": "satisfied", **payload}
    return await session.call("close_enforcement_case", {"payload": payload})


@pytest.mark.parametrize("status", ["satisfied", "uncollectible", "withdrawn"])
async def test_a_closed_case_is_at_its_end(
    owner: asyncpg.Connection, service: Session, open_case: OpenCase, status: str
) -> None:
    case_id = await open_case()
    answer = await close(service, case_id, status=status)
    assert answer == {
        "case_id": case_id,
        "status": status,
        "balance": 12500.00,
        "cancelled_actions": [],
        "cancelled_tasks": 0,
    }
    case = await owner.fetchrow("select * from enforcement_cases where id = $1", case_id)
    assert case is not None
    assert (case["status"], case["current_stage"], case["closure_reason"]) == (status, "closed", status)
    assert case["next_action_at"] is None
    assert case["closed_at"] == case["stage_entered_at"] > case["opened_at"]


async def test_the_note_is_the_reason_without_the_debtor(
    owner: asyncpg.Connection, api: Database, people: People, open_case: OpenCase
) -> None:
    case_id = await open_case()
    await close(api.session(people.operator), case_id, status="uncollectible", note=f"{DEBTOR} moved abroad")
    reason = await owner.fetchval("select closure_reason from enforcement_cases where id = $1", case_id)
    told = await owner.fetchrow(
        "select note, actor, actor_type from enforcement_history where change = 'closed'"
    )
    assert told is not None
    assert reason == told["note"] == "[subject] moved abroad"
    assert (told["actor"], told["actor_type"]) == (f"user:{people.operator.sub}", "user")


async def test_a_settlement_tells_the_balance_that_remains(
    owner: asyncpg.Connection, service: Session, make_judgment: MakeJudgment, open_case: OpenCase
) -> None:
    judgment = await make_judgment(amount="1000.00")
    case_id = await open_case(judgment)
    payment = {"case_id": case_id, "amount": 600, "source": "wire"}
    await service.call("record_enforcement_payment", {"payload": payment})
    await service.call("set_enforcement_stage", {"payload": {"case_id": case_id, "stage": "payment"}})
    assert (await close(service, case_id))["balance"] == 400
    event = await owner.fetchrow("select * from enforcement_events order by position desc limit 1")
    assert event is not None
    assert event["event_kind"] == "case_stage_changed"
    assert json.loads(event["payload"]) == {
        "from": "payment",
        "to": "closed",
        "override": False,
        "status": "satisfied",
        "balance": 400,
    }
    delta = json.loads(await owner.fetchval("select delta from enforcement_history where change = 'closed'"))
    assert delta["current_balance"] == {"from": 400, "to": 400}
    assert delta["status"] == {"from": "open", "to": "satisfied"}
    assert delta["current_stage"] == {"from": "payment", "to": "closed"}
    assert (
        str(await owner.fetchval("select balance_due from judgments where id = $1", judgment.id)) == "400.00"
    )


async def test_there_is_one_event_and_one_history_row(
    owner: asyncpg.Connection, service: Session, open_case: OpenCase
) -> None:
    await close(service, await open_case())
    events = await owner.fetch("select event_kind from enforcement_events")
    assert [row["event_kind"] for row in events] == ["case_stage_changed"]
    changes = await owner.fetch("select change from enforcement_history order by position")
    assert [row["change"] for row in changes] == ["opened", "closed"]
