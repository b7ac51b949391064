"""completed and cancelled end an action, once, and an event tells of it."""

from __future__ import annotations

import json

import asyncpg
import pytest

from casebase.kernel.db import Session
from tests.enforcement.conftest import OpenCase
from tests.support.refusals import refusal


@pytest.mark.parametrize("status", ["completed", "cancelled"])
async def test_the_action_ends_and_an_event_tells(
    owner: asyncpg.Connection, service: Session, open_case: OpenCase, status: str
) -> None:
    levy = {"case_id": await open_case(), "action_type": "bank_levy"}
    action_id = await service.call("queue_enforcement_action", {"payload": {**levy, "status": "queued"}})
    await service.call("queue_enforcement_action", {"payload": {**levy, "status": status}})
    assert await owner.fetchval(
        "select closed_at is not null and status = $1 from enforcement_actions", status
    )
    event = await owner.fetchrow("select event_kind, payload from enforcement_events")
    assert event is not None
    assert event["event_kind"] == "note"
    assert json.loads(event["payload"]) == {
        "action_id": action_id,
        "action_type": "bank_levy",
        "status": status,
    }
    assert (
        await owner.fetchval("select count(*) from enforcement_history where change = 'action_closed'") == 1
    )


async def test_what_has_ended_does_not_end_again(
    owner: asyncpg.Connection, service: Session, open_case: OpenCase
) -> None:
    levy = {"case_id": await open_case(), "action_type": "bank_levy"}
    ended = {**levy, "status": "completed"}
    error = await refusal(owner, service, "queue_enforcement_action", ended)
    assert (error.status, error.code, error.detail) == (409, "action_not_open", {"field": "action_type"})
    await service.call("queue_enforcement_action", {"payload": {**levy, "status": "queued"}})
    await service.call("queue_enforcement_action", {"payload": ended})
    assert (await refusal(owner, service, "queue_enforcement_action", ended)).code == "action_not_open"


async def test_another_begins_after_it(
    owner: asyncpg.Connection, service: Session, open_case: OpenCase
) -> None:
    levy = {"case_id": await open_case(), "action_type": "bank_levy"}
    ids = [
        await service.call("queue_enforcement_action", {"payload": {**levy, "status": status}})
        for status in ("queued", "completed", "queued")
    ]
    assert ids[0] == ids[1] != ids[2]
    statuses = await owner.fetch("select status from enforcement_actions order by opened_at")
    assert [row[0] for row in statuses] == ["completed", "queued"]
