"""A tenant's owners and admins decide for it; what they leave out stays."""

from __future__ import annotations

import asyncio
from typing import Any
from uuid import uuid4

import asyncpg
import pytest

from casebase.kernel.db import Database, Session
from tests.enforcement.conftest import People
from tests.support.refusals import refusal, wrong_fields

CHANGES: dict[str, Any] = {
    "allow_anonymous_rpc": True,
    "anonymous_calls_per_minute": 5,
    "is_call_rule_enabled": False,
    "calls_per_window": 3,
    "call_window_days": 14,
    "quiet_days_after_conversation": 10,
    "planned_calls_limit": 20,
    "time_zone": "America/Chicago",
}


async def test_what_is_left_out_stays(api: Database, people: People) -> None:
    session = api.session(people.admin)
    for field, value in CHANGES.items():
        answer = await session.call("set_enforcement_settings", {"payload": {field: value}})
        assert answer[field] == value
    settings = {"tenant_id": str(people.default_tenant), **CHANGES}
    assert answer == await session.call("get_enforcement_settings") == settings


async def test_two_at_once_both_have_their_way(service: Session) -> None:
    await asyncio.gather(
        *(
            service.call("set_enforcement_settings", {"payload": {field: value}})
            for field, value in CHANGES.items()
        )
    )
    settings = await service.call("get_enforcement_settings")
    assert {field: settings[field] for field in CHANGES} == CHANGES


@pytest.mark.parametrize("who", ["operator", "member", "other_operator", "stranger"])
async def test_is_not_for_others(owner: asyncpg.Connection, api: Database, people: People, who: str) -> None:
    session = api.session(getattr(people, who))
    error = await refusal(owner, session, "set_enforcement_settings", CHANGES)
    assert (error.status, error.code) == (403, "forbidden")


async def test_is_not_for_another_tenants_admin(
    owner: asyncpg.Connection, api: Database, people: People
) -> None:
    payload = {**CHANGES, "tenant_id": str(people.other_tenant)}
    error = await refusal(owner, api.session(people.admin), "set_enforcement_settings", payload)
    assert (error.status, error.code) == (403, "forbidden")


async def test_of_an_unknown_tenant(owner: asyncpg.Connection, service: Session) -> None:
    error = await refusal(owner, service, "set_enforcement_settings", {"tenant_id": str(uuid4())})
    assert (error.status, error.code) == (404, "tenant_not_found")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("allow_anonymous_rpc", "yes"),
        ("anonymous_calls_per_minute", 0),
        ("calls_per_window", 0),
        ("calls_per_window", 101),
        ("call_window_days", 61),
        ("quiet_days_after_conversation", -1),
        ("planned_calls_limit", 10001),
        ("time_zone", "Mars/Olympus_Mons"),
        ("time_zone", "EST5EDT"),
        ("time_zone", "Etc/../../etc/passwd"),
        ("time_zone", "+07"),
        ("unknown", 1),
    ],
)
async def test_refuses_what_makes_no_sense(
    owner: asyncpg.Connection, service: Session, field: str, value: Any
) -> None:
    error = await refusal(owner, service, "set_enforcement_settings", {field: value})
    assert wrong_fields(error) == [field]
