"""Fifty who move one case at once leave a history in which each begins where another ended."""

from __future__ import annotations

import asyncio
import json

import asyncpg

from casebase.kernel.db import Session
from tests.enforcement.conftest import OpenCase

STAGES = ("asset_search", "bank_levy", "garnishment", "marshal", "payment")


async def test_each_change_has_one_history_row_and_one_event(
    owner: asyncpg.Connection, service: Session, open_case: OpenCase
) -> None:
    case_id = await open_case()
    answers = await asyncio.gather(
        *(
            service.call(
                "set_enforcement_stage",
                {"payload": {"case_id": case_id, "stage": STAGES[n % 5], "override": True}},
            )
            for n in range(50)
        )
    )
    changed = [answer for answer in answers if answer["is_changed"]]
    deltas = await owner.fetch(
        "select delta from enforcement_history where change = 'stage_changed' order by position"
    )
    steps = [json.loads(row["delta"])["current_stage"] for row in deltas]
    events = await owner.fetch("select payload from enforcement_events order by position")
    told = [{key: json.loads(row["payload"])[key] for key in ("from", "to")} for row in events]
    assert steps == told
    assert len(steps) == len(changed)
    path = ["pre_enforcement", *(step["to"] for step in steps)]
    assert [step["from"] for step in steps] == path[:-1]
    assert (
        await owner.fetchval("select current_stage from enforcement_cases where id = $1", case_id) == path[-1]
    )
