"""An action is opened once a type, and the open one is what a further call changes."""

from __future__ import annotations

import json

import asyncpg
import pytest

from casebase.kernel.db import Database, Session
from tests.enforcement.conftest import OpenCase, People
from tests.enforcement.judgments import DEBTOR


@pytest.mark.parametrize("action_type", ["bank_levy", "garnishment", "subpoena", "marshal"])
async def test_an_action_is_opened(
    owner: asyncpg.Connection, api: Database, people: People, open_case: OpenCase, action_type: str
) -> None:
    payload = {
        "case_id": await open_case(),
        "action_type": action_type,
        "status": "queued",
        "status_reason": f"{DEBTOR} has an account",
        "metadata": {"bank": "First Harbor", "holder": DEBTOR},
    }
    action_id = await api.session(people.operator).call("queue_enforcement_action", {"payload": payload})
    action = await owner.fetchrow("select * from enforcement_actions")
    assert action is not None
    assert (str(action["id"]), action["action_type"], action["status"]) == (action_id, action_type, "queued")
    assert action["status_reason"] == "[subject] has an account"
    assert json.loads(action["metadata"]) == {"bank": "First Harbor", "holder": "[subject]"}
    assert (action["closed_at"], action["created_by"]) == (None, f"user:{people.operator.sub}")
    history = await owner.fetchrow("select * from enforcement_history where change = 'action_opened'")
    assert history is not None
    assert json.loads(history["delta"])[action_type] == {"from": None, "to": "queued"}
    assert (history["note"], history["actor_type"]) == ("[subject] has an account", "user")


async def test_the_open_one_is_changed(
    owner: asyncpg.Connection, service: Session, open_case: OpenCase
) -> None:
    levy = {"case_id": await open_case(), "action_type": "bank_levy"}
    first = await service.call(
        "queue_enforcement_action",
        {"payload": {**levy, "status": "queued", "metadata": {"bank": "First Harbor", "branch": 1}}},
    )
    second = await service.call(
        "queue_enforcement_action",
        {"payload": {**levy, "status": "filed", "metadata": {"branch": 2}, "actor": "clerk"}},
    )
    assert second == first
    action = await owner.fetchrow("select * from enforcement_actions")
    assert action is not None
    assert (action["status"], action["created_by"], action["updated_by"]) == ("filed", "service", "clerk")
    assert json.loads(action["metadata"]) == {"bank": "First Harbor", "branch": 2}
    delta = await owner.fetchval("select delta from enforcement_history where change = 'action_changed'")
    assert json.loads(delta)["bank_levy"] == {"from": "queued", "to": "filed"}
    assert await owner.fetchval("select count(*) from enforcement_events") == 0


async def test_the_same_again_is_no_change(
    owner: asyncpg.Connection, service: Session, open_case: OpenCase
) -> None:
    payload = {
        "case_id": await open_case(),
        "action_type": "marshal",
        "status": "queued",
        "metadata": {"a": 1},
    }
    for _ in range(3):
        await service.call("queue_enforcement_action", {"payload": payload})
    assert await owner.fetchval("select count(*) from enforcement_history where change like 'action%'") == 1
