"""An organisation's notifications are listed newest first, by scenario, status and person, each exactly once."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from casebase.kernel.db import Database, Session
from casebase.kernel.errors import CasebaseError
from tests.notifications.conftest import TODAY, Evaluate, MakeMentor, People


@pytest.fixture
async def told(make_mentor: MakeMentor, evaluate: Evaluate, owner: asyncpg.Connection) -> list[UUID]:
    """Seven mentors who were told of a milestone, three of whom were told of their inactivity a month later."""
    mentors = [await make_mentor(12, last_active=n) for n in range(7)]
    await evaluate()
    await owner.execute("insert into activities (organization_id, user_id, activity_date) "
                        "select organization_id, user_id, $2 from scenario_notifications where user_id <> all ($1)",
                        mentors[:3], TODAY.date() + timedelta(days=29))  # fmt: skip
    await evaluate(now=TODAY + timedelta(days=30))
    return mentors


async def everything(session: Session, page_size: int, **arguments: Any) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = []
    cursor = None
    while True:
        page = await session.call(
            "list_scenario_notifications", {**arguments, "page_size": page_size, "cursor": cursor}
        )
        assert len(page["items"]) <= page_size
        items += page["items"]
        cursor = page["next_cursor"]
        if cursor is None:
            return items


@pytest.mark.parametrize("page_size", [1, 3, 50])
async def test_pages_hold_each_once_though_a_run_writes_all_at_one_moment(
    service: Session, told: list[UUID], page_size: int
) -> None:
    items = await everything(service, page_size)
    assert [item["scenario_type"] for item in items] == ["inactivity"] * 3 + ["milestone"] * 7
    assert len({item["notification_id"] for item in items}) == 10
    assert [(item["triggered_at"], item["notification_id"]) for item in items] == sorted(
        ((item["triggered_at"], item["notification_id"]) for item in items), reverse=True
    )


async def test_an_item_tells_whom_of_what_and_how_it_went(
    api: Database, owner: asyncpg.Connection, people: People, told: list[UUID]
) -> None:
    await owner.execute(
        "update scenario_notifications set delivery_status = 'failed', skip_reason = 'no_device', attempts = 1 "
        "where user_id = $1 and scenario_type = 'inactivity'",
        told[0],
    )
    item = (
        await everything(
            api.session(people.admin),
            50,
            user_id=told[0],
            scenario_type="inactivity",
            delivery_status="failed",
        )
    )[0]
    email = await owner.fetchval("select email from auth.users where id = $1", told[0])
    assert item == {
        "notification_id": item["notification_id"], "user_id": str(told[0]), "email": email,
        "scenario_type": "inactivity", "triggered_at": item["triggered_at"], "delivery_status": "failed",
        "milestone_value": None, "days": 30, "certification_count": None, "skip_reason": "no_device",
        "error_code": None, "attempts": 1, "sent_at": None, "read_at": None,
    }  # fmt: skip


async def test_filters_narrow(service: Session, owner: asyncpg.Connection, told: list[UUID]) -> None:
    await owner.execute(
        "update scenario_notifications set delivery_status = 'failed' where scenario_type = 'milestone' and user_id = any ($1)",
        told[:2],
    )
    await owner.execute(
        "update scenario_notifications set delivery_status = 'sent', sent_at = triggered_at where user_id = $1 "
        "and scenario_type = 'inactivity'",
        told[0],
    )
    for arguments, count in (
        ({"delivery_status": "failed"}, 2),
        ({"delivery_status": "failed", "scenario_type": "inactivity"}, 0),
        ({"delivery_status": "sent"}, 1),
        ({"delivery_status": "pending", "scenario_type": "inactivity"}, 2),
        ({"scenario_type": "milestone"}, 7),
        ({"user_id": told[0]}, 2),
        ({"user_id": told[0], "delivery_status": "failed"}, 1),
        ({"user_id": told[6]}, 1),
    ):
        assert len(await everything(service, 1, **arguments)) == count, arguments


async def test_who_left_is_no_longer_named(
    service: Session, owner: asyncpg.Connection, told: list[UUID]
) -> None:
    await owner.execute("delete from tenant_users where user_id = $1", told[6])
    items = await everything(service, 50, user_id=told[6])
    assert [item["email"] for item in items] == [None]


async def test_other_organisations_are_not_listed(api: Database, people: People, told: list[UUID]) -> None:
    assert await everything(api.session(people.other_admin), 50) == []
    assert await everything(api.session(people.other_admin), 50, user_id=told[0]) == []


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("scenario_type", "birthday"),
        ("delivery_status", "lost"),
        ("page_size", 0),
        ("page_size", 201),
        ("page_size", None),
        ("cursor", "no cursor"),
        ("cursor", "ff"),
        ("cursor", b"2026-06-15|x".hex()),
        ("cursor", b"never|00000000-0000-0000-0000-000000000000".hex()),
        ("cursor", b"2026-06-15".hex()),
    ],
)
async def test_what_no_list_knows_is_refused(service: Session, field: str, value: Any) -> None:
    with pytest.raises(CasebaseError) as refused:
        await service.call("list_scenario_notifications", {field: value})
    assert (refused.value.status, refused.value.code) == (422, "invalid_input")
    assert [error["field"] for error in refused.value.detail["errors"]] == [field]
