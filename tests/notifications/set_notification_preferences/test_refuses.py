"""Half of the quiet hours, a place that is no time zone, or a scenario twice decides nothing."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import asyncpg
import pytest

from casebase.kernel.db import ANON, SERVICE, Database, Principal
from tests.notifications.conftest import People
from tests.support.refusals import refusal, wrong_fields


def preference(**fields: Any) -> dict[str, Any]:
    return {"preferences": [{"scenario_type": "milestone"}, {"scenario_type": "inactivity", **fields}]}


@pytest.mark.parametrize(
    ("payload", "field"),
    [
        (preference(quiet_from="22:00"), "preferences[1].quiet_from"),
        (preference(quiet_until="22:00"), "preferences[1].quiet_from"),
        (preference(quiet_from="22:00", quiet_until=None), "preferences[1].quiet_from"),
        (preference(quiet_from="22:00", quiet_until="22:00"), "preferences[1].quiet_from"),
        (preference(quiet_from="24:00", quiet_until="07:00"), "preferences[1].quiet_from"),
        (preference(quiet_from="9pm", quiet_until="07:00"), "preferences[1].quiet_from"),
        (preference(quiet_from="22:00", quiet_until="7:00"), "preferences[1].quiet_until"),
        (preference(enabled="no"), "preferences[1].enabled"),
        (preference(scenario_type="milestone"), "preferences[1].scenario_type"),
        (preference(scenario_type="birthday"), "preferences[1].scenario_type"),
        (preference(scenario_type=None), "preferences[1].scenario_type"),
        (preference(timezone="Europe/Oslo"), "preferences[1].timezone"),
        ({"preferences": [{"scenario_type": "milestone"}] * 5}, "preferences"),
        ({"preferences": {}}, "preferences"),
        ({"timezone": "Europe/Atlantis"}, "timezone"),
        ({"timezone": "CET-1CEST"}, "timezone"),
        ({"timezone": "+02:00"}, "timezone"),
        ({"timezone": ""}, "timezone"),
        ({"language": "sv"}, "language"),
        ({"user_id": str(uuid4())}, "user_id"),
        (None, ""),
    ],
)
async def test_a_wrong_field_is_named(
    owner: asyncpg.Connection, api: Database, people: People, payload: Any, field: str
) -> None:
    error = await refusal(owner, api.session(people.member), "set_notification_preferences", payload)
    assert wrong_fields(error) == [field]


@pytest.mark.parametrize("principal", [ANON, SERVICE, Principal("authenticated")])
async def test_who_is_nobody(owner: asyncpg.Connection, api: Database, principal: Principal) -> None:
    error = await refusal(owner, api.session(principal), "set_notification_preferences", {"language": "nb"})
    assert error.status == 403


async def test_whose_account_is_gone(owner: asyncpg.Connection, api: Database) -> None:
    gone = api.session(Principal("authenticated", sub=uuid4()))
    error = await refusal(owner, gone, "set_notification_preferences", {"language": "nb"})
    assert (error.status, error.code) == (403, "user_required")
