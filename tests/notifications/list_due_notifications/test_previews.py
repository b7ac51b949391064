"""Who is due now is shown with what an evaluation would do about it, page by page, and nothing is written."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from casebase.kernel.db import Session
from casebase.kernel.errors import CasebaseError
from tests.notifications.conftest import Evaluate, MakeMentor, People
from tests.support.rows import all_rows


@pytest.fixture
async def due(make_mentor: MakeMentor, owner: asyncpg.Connection) -> list[UUID]:
    """Five inactive mentors with a milestone behind them, and one who is due for nothing."""
    today = datetime.now(UTC).date()
    mentors = [await make_mentor([today - timedelta(days=40 + n) for n in range(12)]) for _ in range(5)]
    await make_mentor([today])
    return sorted(mentors)


async def everything(service: Session, page_size: int, **arguments: Any) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = []
    cursor = None
    while True:
        page = await service.call(
            "list_due_notifications", {**arguments, "page_size": page_size, "cursor": cursor}
        )
        assert len({item["user_id"] for item in page["items"]}) <= page_size
        items += page["items"]
        cursor = page["next_cursor"]
        if cursor is None:
            return items


@pytest.mark.parametrize("page_size", [1, 2, 5, 50])
async def test_pages_hold_everybody_once_with_all_that_is_due(
    service: Session, owner: asyncpg.Connection, due: list[UUID], page_size: int
) -> None:
    before = await all_rows(owner)
    items = await everything(service, page_size)
    assert [(item["user_id"], item["scenario_type"]) for item in items] == [
        (str(user_id), scenario_type) for user_id in due for scenario_type in ("inactivity", "milestone")
    ]
    assert {(item["outcome"], item["milestone_value"]) for item in items} == {
        ("notified", None),
        ("notified", 10),
    }
    # Oslo's day may have begun that is still to come in UTC.
    assert {item["days"] for item in items} <= {40, 41, None}
    assert await all_rows(owner) == before


async def test_it_is_what_an_evaluation_then_does(
    service: Session, evaluate: Evaluate, owner: asyncpg.Connection, due: list[UUID]
) -> None:
    await owner.execute(
        "insert into notification_preferences (user_id, scenario_type, enabled) values ($1, 'inactivity', false)",
        due[0],
    )
    items = await everything(service, 50)
    reply = await evaluate(now=datetime.now(UTC))
    assert reply["scenarios"] == {"inactivity": {"notified": 4, "opted_out": 1}, "milestone": {"notified": 5}}
    assert sum(item["outcome"] == "notified" for item in items) == 9
    assert [item["user_id"] for item in items if item["outcome"] == "opted_out"] == [str(due[0])]
    after = await everything(service, 50)
    assert {(item["scenario_type"], item["outcome"]) for item in after} == {
        ("inactivity", "cooldown"), ("inactivity", "opted_out")
    }  # fmt: skip


async def test_filters_narrow(service: Session, owner: asyncpg.Connection, due: list[UUID]) -> None:
    await owner.execute(
        "insert into notification_preferences (user_id, scenario_type, enabled) values ($1, 'inactivity', false)",
        due[1],
    )
    opted_out = await everything(service, 1, outcome="opted_out")
    assert [(item["user_id"], item["scenario_type"]) for item in opted_out] == [(str(due[1]), "inactivity")]
    assert len(await everything(service, 1, scenario_type="milestone")) == 5
    assert await everything(service, 1, scenario_type="welcome_back") == []


async def test_a_scenario_that_is_switched_off_is_left_out(service: Session, due: list[UUID]) -> None:
    await service.call("set_scenario_config", {"payload": {"scenario_type": "inactivity", "enabled": False}})
    assert {item["scenario_type"] for item in await everything(service, 50)} == {"milestone"}


async def test_few_among_many_are_found_stretch_by_stretch(
    service: Session, owner: asyncpg.Connection, people: People
) -> None:
    """Sixty-odd thousand members, of whom the last is due: a page may be empty, its cursor goes on."""
    await owner.execute(
        """
        with made as (
            insert into auth.users (id, email)
            select md5('due' || n)::uuid, n || '@many.example' from generate_series(1, 62500) n returning id
        )
        insert into tenant_users (tenant_id, user_id, role)
        select $1, id, 'member' from made
        """,
        people.other_tenant,
    )
    last = await owner.fetchval(
        "update tenant_users set created_at = created_at - interval '60 days' where tenant_id = $1 and user_id = "
        "(select user_id from tenant_users where tenant_id = $1 and role = 'member' order by user_id desc limit 1) "
        "returning user_id",
        people.other_tenant,
    )
    first = await service.call("list_due_notifications", {"organization_id": people.other_tenant})
    assert first["items"] == []
    assert first["next_cursor"]
    assert [
        item["user_id"] for item in await everything(service, 50, organization_id=people.other_tenant)
    ] == [str(last)]


@pytest.mark.parametrize(
    ("field", "value"),
    [("scenario_type", "birthday"), ("outcome", "lost"), ("page_size", 0), ("page_size", 201)],
)
async def test_what_no_list_knows_is_refused(service: Session, field: str, value: Any) -> None:
    with pytest.raises(CasebaseError) as refused:
        await service.call("list_due_notifications", {field: value})
    assert (refused.value.status, refused.value.code) == (422, "invalid_input")
    assert [error["field"] for error in refused.value.detail["errors"]] == [field]
