"""A new case stands at the first stage, owes what the judgment owes, and says so in its history."""

from __future__ import annotations

import asyncpg

from casebase.kernel.db import Database, Session
from tests.enforcement.conftest import MakeJudgment, People


async def test_a_case_starts_at_the_first_stage(
    owner: asyncpg.Connection, service: Session, make_judgment: MakeJudgment
) -> None:
    judgment = await make_judgment(amount="9000.50")
    case_id = await service.call(
        "open_enforcement_case", {"payload": {"judgment_id": str(judgment.id), "collectability_score": 72.5}}
    )
    case = await owner.fetchrow("select * from enforcement_cases where id = $1", case_id)
    assert case is not None
    assert (case["status"], case["current_stage"], case["tier"]) == ("open", "pre_enforcement", "tier2")
    assert str(case["current_balance"]) == str(case["opening_balance"]) == "9000.50"
    assert (case["next_action_at"] - case["opened_at"]).days == 3
    history = await owner.fetch(
        "select change, actor_type from enforcement_history where enforcement_case_id = $1", case_id
    )
    assert [tuple(row) for row in history] == [("opened", "rpc")]


async def test_an_operator_is_named_by_the_token(
    owner: asyncpg.Connection, api: Database, people: People, make_judgment: MakeJudgment
) -> None:
    judgment = await make_judgment()
    payload = {"judgment_id": str(judgment.id), "created_by": "somebody else"}
    case_id = await api.session(people.operator).call("open_enforcement_case", {"payload": payload})
    assert await owner.fetchval("select created_by from enforcement_cases where id = $1", case_id) == (
        f"user:{people.operator.sub}"
    )
