"""Whoever may not, and whatever is not whole, records nothing: of several activities, not even the right ones."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import asyncpg
import pytest

from casebase.kernel.db import ANON, Database, Session
from tests.notifications.conftest import People
from tests.support.refusals import refusal, wrong_fields


def activities(*changes: dict[str, Any], **payload: Any) -> dict[str, Any]:
    return {"activities": [{"activity_date": "2026-03-01", **change} for change in changes], **payload}


async def test_another_person_is_the_administrators(
    owner: asyncpg.Connection, api: Database, people: People
) -> None:
    payload = activities({}, {"user_id": str(people.admin.sub)})
    error = await refusal(owner, api.session(people.member), "record_activities", payload)
    assert (error.status, error.code) == (403, "administrator_required")
    assert error.detail == {"field": "activities[1].user_id"}


@pytest.mark.parametrize("somebody", ["other_member", "stranger", "nobody"])
async def test_who_is_no_member_is_not_found(
    owner: asyncpg.Connection, api: Database, people: People, somebody: str
) -> None:
    user_id = uuid4() if somebody == "nobody" else getattr(people, somebody).sub
    payload = activities({}, {"user_id": str(user_id)})
    error = await refusal(owner, api.session(people.admin), "record_activities", payload)
    assert (error.status, error.code) == (404, "member_not_found")
    assert error.detail == {"field": "activities[1].user_id"}


async def test_who_left_is_not_found(owner: asyncpg.Connection, api: Database, people: People) -> None:
    await owner.execute("delete from tenant_users where user_id = $1", people.member.sub)
    payload = activities({"user_id": str(people.member.sub)})
    error = await refusal(owner, api.session(people.admin), "record_activities", payload)
    assert (error.status, error.code) == (404, "member_not_found")


async def test_the_service_names_the_person(owner: asyncpg.Connection, service: Session) -> None:
    error = await refusal(owner, service, "record_activities", activities({}))
    assert (error.status, error.code) == (404, "member_not_found")
    assert error.detail == {"field": "activities[0].user_id"}


@pytest.mark.parametrize("is_named", [True, False])
async def test_another_organisation_is_not_found(
    owner: asyncpg.Connection, api: Database, people: People, is_named: bool
) -> None:
    named = {"organization_id": str(people.default_tenant)} if is_named else {}
    for who in [people.stranger, *([people.other_admin] if is_named else [])]:
        error = await refusal(owner, api.session(who), "record_activities", activities({}, **named))
        assert (error.status, error.code) == (404, "organization_not_found")
        assert error.detail == {"field": "organization_id"}


async def test_an_unknown_organisation_is_not_found(owner: asyncpg.Connection, service: Session) -> None:
    payload = activities({}, organization_id=str(uuid4()))
    error = await refusal(owner, service, "record_activities", payload)
    assert (error.status, error.code) == (404, "organization_not_found")


async def test_of_several_organisations_one_is_named(
    owner: asyncpg.Connection, api: Database, people: People
) -> None:
    await owner.execute(
        "insert into tenant_users (tenant_id, user_id, role) values ($1, $2, 'member')",
        people.other_tenant,
        people.member.sub,
    )
    error = await refusal(owner, api.session(people.member), "record_activities", activities({}))
    assert wrong_fields(error) == ["organization_id"]


async def test_whoever_has_no_token(owner: asyncpg.Connection, api: Database) -> None:
    error = await refusal(owner, api.session(ANON), "record_activities", activities({}))
    assert error.status == 403


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"activity_date": "1999-12-31"}, "activities[1].activity_date"),
        ({"activity_date": "2026-02-29"}, "activities[1].activity_date"),
        ({"activity_date": "2026-03-01T10:00:00Z"}, "activities[1].activity_date"),
        ({"activity_date": 20260301}, "activities[1].activity_date"),
        ({"kind": "Home visit"}, "activities[1].kind"),
        ({"kind": "a" * 41}, "activities[1].kind"),
        ({"user_id": "me"}, "activities[1].user_id"),
        ({"note": "x"}, "activities[1].note"),
    ],
)
async def test_a_wrong_field_is_named(
    owner: asyncpg.Connection, api: Database, people: People, change: dict[str, Any], field: str
) -> None:
    error = await refusal(owner, api.session(people.member), "record_activities", activities({}, change))
    assert wrong_fields(error) == [field]


@pytest.mark.parametrize(
    ("payload", "field"),
    [
        ({}, "activities"),
        ({"activities": []}, "activities"),
        ({"activities": [{}] * 1001}, "activities"),
        ({"activities": [1]}, "activities[0]"),
        ({"activities": [{}], "dry_run": True}, "dry_run"),
    ],
)
async def test_a_wrong_payload_is_named(
    owner: asyncpg.Connection, api: Database, people: People, payload: dict[str, Any], field: str
) -> None:
    error = await refusal(owner, api.session(people.member), "record_activities", payload)
    assert wrong_fields(error) == [field]


async def test_what_is_yet_to_happen_is_refused(
    owner: asyncpg.Connection, api: Database, people: People
) -> None:
    """Tomorrow by UTC has begun somewhere; the day after tomorrow has not."""
    day_after = (datetime.now(UTC) + timedelta(days=3)).date().isoformat()
    payload = activities({"activity_date": day_after})
    error = await refusal(owner, api.session(people.member), "record_activities", payload)
    assert wrong_fields(error) == ["activities[0].activity_date"]
