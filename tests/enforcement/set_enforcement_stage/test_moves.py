"""A case moves to a stage: it waits for the stage's next action, with one line of history and one event."""

from __future__ import annotations

import json
from datetime import datetime

import asyncpg
import pytest

from casebase.kernel.db import Database, Session
from tests.enforcement.conftest import OpenCase, People


async def test_a_case_waits_as_long_as_its_new_stage_does(
    owner: asyncpg.Connection, service: Session, open_case: OpenCase
) -> None:
    case_id = await open_case()
    moved = await service.call(
        "set_enforcement_stage", {"payload": {"case_id": case_id, "stage": "asset_search"}}
    )
    case = await owner.fetchrow("select * from enforcement_cases where id = $1", case_id)
    assert case is not None
    assert case["current_stage"] == "asset_search"
    assert (case["next_action_at"] - case["stage_entered_at"]).days == 14
    assert datetime.fromisoformat(moved.pop("next_action_at")) == case["next_action_at"]
    assert moved == {
        "case_id": case_id,
        "stage": "asset_search",
        "previous_stage": "pre_enforcement",
        "is_changed": True,
    }


async def test_the_days_are_the_rows(
    owner: asyncpg.Connection, service: Session, open_case: OpenCase
) -> None:
    await owner.execute("update enforcement_stage_lookup set sla_days = 5 where stage = 'marshal'")
    case_id = await open_case()
    await service.call("set_enforcement_stage", {"payload": {"case_id": case_id, "stage": "marshal"}})
    assert await owner.fetchval(
        "select next_action_at - stage_entered_at = interval '5 days' from enforcement_cases where id = $1",
        case_id,
    )


async def test_the_change_is_told_once_each_way(
    owner: asyncpg.Connection, api: Database, people: People, open_case: OpenCase
) -> None:
    case_id = await open_case()
    payload = {
        "case_id": case_id,
        "stage": "bank_levy",
        "note": "Jordan Quillfeather banks at First Harbor, call (646) 555-0148",
        "metadata": {"court": "Kings Civil", "contact": "clerk@court.example"},
        "actor": "somebody else",
    }
    await api.session(people.operator).call("set_enforcement_stage", {"payload": payload})

    event = await owner.fetchrow("select * from enforcement_events where enforcement_case_id = $1", case_id)
    assert event is not None
    assert (event["event_kind"], event["actor"], event["actor_type"]) == (
        "case_stage_changed",
        f"user:{people.operator.sub}",
        "user",
    )
    assert json.loads(event["payload"]) == {
        "from": "pre_enforcement",
        "to": "bank_levy",
        "override": False,
        "metadata": {"court": "Kings Civil", "contact": "[email]"},
    }
    changes = await owner.fetch(
        "select change, delta, note, actor, actor_type from enforcement_history "
        "where enforcement_case_id = $1 order by position",
        case_id,
    )
    assert [change["change"] for change in changes] == ["opened", "stage_changed"]
    told = changes[1]
    delta = json.loads(told["delta"])
    assert set(delta) == {"current_stage", "next_action_at"}
    assert delta["current_stage"] == {"from": "pre_enforcement", "to": "bank_levy"}
    assert told["note"] == "[subject] banks at First Harbor, call [subject]"
    assert (told["actor"], told["actor_type"]) == (f"user:{people.operator.sub}", "user")


@pytest.mark.parametrize("stated", ["levy desk", "  "])
async def test_a_program_states_its_actor(
    owner: asyncpg.Connection, service: Session, open_case: OpenCase, stated: str
) -> None:
    case_id = await open_case()
    payload = {"case_id": case_id, "stage": "payment", "actor": stated}
    await service.call("set_enforcement_stage", {"payload": payload})
    actors = await owner.fetchrow("select actor, actor_type from enforcement_events")
    assert actors is not None
    assert tuple(actors) == (stated.strip() or "service", "rpc")
