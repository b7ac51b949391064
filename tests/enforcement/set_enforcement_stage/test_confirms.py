"""The stage that a case has is confirmed: the wait begins anew, nothing changed."""

from __future__ import annotations

import json

import asyncpg

from casebase.kernel.db import Session
from tests.enforcement.conftest import OpenCase


async def test_the_wait_begins_anew_without_an_event(
    owner: asyncpg.Connection, service: Session, open_case: OpenCase
) -> None:
    case_id = await open_case()
    await owner.execute("update enforcement_cases set next_action_at = opened_at - interval '1 hour'")
    payload = {"case_id": case_id, "stage": "pre_enforcement", "note": "still waiting for the clerk"}
    answer = await service.call("set_enforcement_stage", {"payload": payload})
    assert answer["is_changed"] is False
    case = await owner.fetchrow("select * from enforcement_cases where id = $1", case_id)
    assert case is not None
    assert case["stage_entered_at"] == case["opened_at"]
    assert (case["next_action_at"] - case["opened_at"]).days == 3
    assert await owner.fetchval("select count(*) from enforcement_events") == 0
    told = await owner.fetchrow("select * from enforcement_history where change <> 'opened'")
    assert told is not None
    assert (told["change"], told["note"]) == ("stage_confirmed", "still waiting for the clerk")
    assert set(json.loads(told["delta"])) == {"next_action_at"}
