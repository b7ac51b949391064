"""A notification is read when its person first says so, and nobody else's word counts."""

from __future__ import annotations

from uuid import UUID, uuid4

import asyncpg
import pytest

from casebase.kernel.db import Database
from tests.notifications.conftest import People
from tests.support.refusals import refusal_of


@pytest.fixture
async def notification_id(owner: asyncpg.Connection, people: People) -> UUID:
    written: UUID = await owner.fetchval(
        "insert into scenario_notifications (user_id, organization_id, scenario_type) "
        "values ($1, $2, 'inactivity') returning id",
        people.member.sub,
        people.default_tenant,
    )
    return written


async def test_the_first_time_stays(api: Database, people: People, notification_id: UUID) -> None:
    session = api.session(people.member)
    first = await session.call("mark_notification_read", {"id": notification_id})
    assert first["notification_id"] == str(notification_id)
    assert await session.call("mark_notification_read", {"id": notification_id}) == first
    [item] = (await session.call("list_my_notifications"))["items"]
    assert item["read_at"] == first["read_at"]


async def test_anothers_is_not_found(
    owner: asyncpg.Connection, api: Database, people: People, notification_id: UUID
) -> None:
    for who in (people.admin, people.other_member, people.stranger):
        error = await refusal_of(owner, api.session(who), "mark_notification_read", id=notification_id)
        assert (error.status, error.code, error.detail) == (404, "notification_not_found", {"field": "id"})


@pytest.mark.parametrize("unknown", [uuid4(), None])
async def test_what_is_not_there_is_not_found(
    owner: asyncpg.Connection, api: Database, people: People, unknown: UUID | None
) -> None:
    error = await refusal_of(owner, api.session(people.member), "mark_notification_read", id=unknown)
    assert (error.status, error.code) == (404, "notification_not_found")
