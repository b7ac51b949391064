"""Only an organisation's administrators and the service send its failed notifications again."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest

from casebase.kernel.db import ANON, Database
from tests.notifications.conftest import TODAY, Evaluate, MakeMentor, People
from tests.notifications.dispatching import notification
from tests.notifications.facts import fail_all
from tests.support.refusals import refusal, wrong_fields

FUNCTION = "resend_failed_notifications"


@pytest.fixture
async def failed(owner: asyncpg.Connection, make_mentor: MakeMentor, evaluate: Evaluate) -> UUID:
    await make_mentor(last_active=40)
    await evaluate(scenario_types=["inactivity"], now=TODAY)
    await fail_all(owner)
    notification_id: UUID = (await notification(owner))["id"]
    return notification_id


async def test_a_member_is_told_to_ask_an_administrator(
    owner: asyncpg.Connection, api: Database, people: People, failed: UUID
) -> None:
    payload = {"notification_ids": [str(failed)]}
    error = await refusal(owner, api.session(people.member), FUNCTION, payload)
    assert (error.status, error.code) == (403, "administrator_required")


@pytest.mark.parametrize("who", ["stranger", "other_admin"])
async def test_others_do_not_find_the_organisation(
    owner: asyncpg.Connection, api: Database, people: People, failed: UUID, who: str
) -> None:
    payload = {"organization_id": str(people.default_tenant), "notification_ids": [str(failed)]}
    error = await refusal(owner, api.session(getattr(people, who)), FUNCTION, payload)
    assert (error.status, error.code) == (404, "organization_not_found")


@pytest.mark.parametrize("is_of_another", [True, False])
async def test_one_of_another_organisation_is_not_found_and_nothing_sent(
    owner: asyncpg.Connection, api: Database, people: People, failed: UUID, is_of_another: bool
) -> None:
    who = people.other_admin if is_of_another else people.admin
    payload = {"notification_ids": [str(failed), str(uuid4())]}
    error = await refusal(owner, api.session(who), FUNCTION, payload)
    assert (error.status, error.code) == (404, "notification_not_found")
    assert error.detail == {"field": "notification_ids"}


async def test_without_a_token_it_is_forbidden(owner: asyncpg.Connection, api: Database) -> None:
    error = await refusal(owner, api.session(ANON), FUNCTION, {"scenario_type": "inactivity"})
    assert error.sqlstate == "42501"


@pytest.mark.parametrize(
    ("payload", "fields"),
    [
        ({}, ["notification_ids"]),
        ({"notification_ids": [str(uuid4())], "scenario_type": "inactivity"}, ["notification_ids"]),
        ({"notification_ids": []}, ["notification_ids"]),
        ({"notification_ids": ["x"]}, ["notification_ids[0]"]),
        ({"notification_ids": [str(uuid4())] * 1001}, ["notification_ids"]),
        ({"scenario_type": "birthday"}, ["scenario_type"]),
        ({"scenario_type": "inactivity", "organization_id": "x"}, ["organization_id"]),
        ({"scenario_type": "inactivity", "force": True}, ["force"]),
    ],
)
async def test_a_wrong_payload_is_named(
    owner: asyncpg.Connection, api: Database, people: People, payload: dict[str, Any], fields: list[str]
) -> None:
    error = await refusal(owner, api.session(people.admin), FUNCTION, payload)
    assert wrong_fields(error) == fields
