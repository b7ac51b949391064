"""Whoever may not, and whatever is not whole or names a person, sets nothing."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import asyncpg
import pytest

from casebase.kernel.db import ANON, Database, Session
from tests.notifications.conftest import People
from tests.support.refusals import refusal, wrong_fields


def certifications(*changes: dict[str, Any], **payload: Any) -> dict[str, Any]:
    certifications = [
        {"name": f"Certificate {n}", "expires_on": "2026-12-01", **change} for n, change in enumerate(changes)
    ]
    return {"certifications": certifications, **payload}


async def test_another_person_is_the_administrators(
    owner: asyncpg.Connection, api: Database, people: People
) -> None:
    payload = certifications({}, {"user_id": str(people.admin.sub)})
    error = await refusal(owner, api.session(people.member), "set_certifications", payload)
    assert (error.status, error.code) == (403, "administrator_required")
    assert error.detail == {"field": "certifications[1].user_id"}


async def test_who_is_no_member_is_not_found(
    owner: asyncpg.Connection, api: Database, service: Session, people: People
) -> None:
    payload = certifications({}, {"user_id": str(people.other_member.sub)})
    error = await refusal(owner, api.session(people.admin), "set_certifications", payload)
    assert (error.status, error.code) == (404, "member_not_found")
    assert error.detail == {"field": "certifications[1].user_id"}
    error = await refusal(owner, service, "set_certifications", certifications({}))
    assert (error.status, error.code) == (404, "member_not_found")


async def test_another_organisation_is_not_found(
    owner: asyncpg.Connection, api: Database, service: Session, people: People
) -> None:
    named = {"organization_id": str(people.default_tenant)}
    for who in (people.stranger, people.other_admin):
        error = await refusal(owner, api.session(who), "set_certifications", certifications({}, **named))
        assert (error.status, error.code) == (404, "organization_not_found")
    payload = certifications({}, organization_id=str(uuid4()))
    error = await refusal(owner, service, "set_certifications", payload)
    assert (error.status, error.code) == (404, "organization_not_found")


async def test_whoever_has_no_token(owner: asyncpg.Connection, api: Database) -> None:
    error = await refusal(owner, api.session(ANON), "set_certifications", certifications({}))
    assert error.status == 403


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"name": None}, "name"),
        ({"name": ""}, "name"),
        ({"name": " padded"}, "name"),
        ({"name": "padded "}, "name"),
        ({"name": "two\nlines"}, "name"),
        ({"name": "<b>bold</b>"}, "name"),
        ({"name": "a" * 121}, "name"),
        ({"name": "of kari@example.no"}, "name"),
        ({"name": "call +47 412 34 567"}, "name"),
        ({"name": "Certificate 0"}, "name"),
        ({"expires_on": None}, "expires_on"),
        ({"expires_on": "1999-12-31"}, "expires_on"),
        ({"expires_on": "2200-01-01"}, "expires_on"),
        ({"expires_on": "2027-02-29"}, "expires_on"),
        ({"user_id": "me"}, "user_id"),
        ({"issued_by": "x"}, "issued_by"),
    ],
)
async def test_a_wrong_field_is_named(
    owner: asyncpg.Connection, api: Database, people: People, change: dict[str, Any], field: str
) -> None:
    error = await refusal(owner, api.session(people.member), "set_certifications", certifications({}, change))
    assert wrong_fields(error) == [f"certifications[1].{field}"]


@pytest.mark.parametrize(
    ("payload", "field"),
    [
        ({}, "certifications"),
        ({"certifications": []}, "certifications"),
        ({"certifications": [{}] * 1001}, "certifications"),
        (certifications({}, dry_run=True), "dry_run"),
    ],
)
async def test_a_wrong_payload_is_named(
    owner: asyncpg.Connection, api: Database, people: People, payload: dict[str, Any], field: str
) -> None:
    error = await refusal(owner, api.session(people.member), "set_certifications", payload)
    assert wrong_fields(error) == [field]
