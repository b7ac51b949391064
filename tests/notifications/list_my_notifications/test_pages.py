"""Paging by ``before`` shows each of one's notifications once, newest first, also of several at one moment."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg
import pytest

from casebase.kernel.db import ANON, SERVICE, Database, Session
from casebase.kernel.errors import RpcError
from tests.notifications.conftest import People
from tests.support.refusals import refusal_of, wrong_fields

NOON = datetime(2026, 6, 15, 12, tzinfo=UTC)
TYPES = ("inactivity", "milestone", "certification_expiry", "welcome_back")


async def write(owner: asyncpg.Connection, people: People, person: Any, days_ago: int, *types: str) -> None:
    """Write a notification of each type, all of one moment."""
    await owner.executemany(
        """
        insert into scenario_notifications
            (user_id, organization_id, scenario_type, triggered_at, milestone_value, cooldown_until)
        values ($1, $2, $3, $4, $5, $4)
        """,
        [
            (
                person.sub,
                people.default_tenant,
                scenario_type,
                NOON - timedelta(days=days_ago),
                days_ago + 1 if scenario_type == "milestone" else None,
            )
            for scenario_type in types
        ],
    )


@pytest.fixture
def mine(api: Database, people: People) -> Session:
    return api.session(people.member)


@pytest.mark.parametrize("limit", [1, 2, 3, 50])
async def test_every_page_goes_on_where_the_last_one_ended(
    owner: asyncpg.Connection, people: People, mine: Session, limit: int
) -> None:
    for days_ago, types in enumerate((TYPES[:1], TYPES, TYPES[1:3], TYPES[:1])):
        await write(owner, people, people.member, days_ago, *types)
    pages, before = [], None
    while True:
        page = await mine.call("list_my_notifications", {"before": before, "limit": limit})
        pages.append([(item["triggered_at"], item["notification_id"]) for item in page["items"]])
        before = page["next_before"]
        if before is None:
            break
    shown = [item for page in pages for item in page]
    assert len(shown) == len(set(shown)) == 8
    assert [moment for moment, _ in shown] == sorted((moment for moment, _ in shown), reverse=True)
    # Full, but for the last; more than asked for only where a moment has more.
    assert all(len(page) >= limit for page in pages[:-1])


async def test_one_reads_what_was_said_and_what_became_of_it(
    owner: asyncpg.Connection, people: People, mine: Session
) -> None:
    await write(owner, people, people.member, 0, "milestone")
    [item] = (await mine.call("list_my_notifications"))["items"]
    assert item | {"notification_id": None} == {
        "notification_id": None,
        "organization_id": str(people.default_tenant),
        "scenario_type": "milestone",
        "triggered_at": "2026-06-15T12:00:00+00:00",
        "delivery_status": "pending",
        "milestone_value": 1,
        "title": "A milestone",
        "body": "You have 1 activity behind you. Thank you!",
        "sent_at": None,
        "read_at": None,
    }


async def test_nobody_reads_anothers(
    owner: asyncpg.Connection, api: Database, people: People, mine: Session
) -> None:
    await write(owner, people, people.member, 0, *TYPES)
    for who in (people.admin, people.other_member, people.stranger):
        assert await api.session(who).call("list_my_notifications") == {"items": [], "next_before": None}
    assert len((await mine.call("list_my_notifications"))["items"]) == 4


async def test_who_left_the_organisation_still_reads_theirs(
    owner: asyncpg.Connection, people: People, mine: Session
) -> None:
    await write(owner, people, people.member, 0, *TYPES)
    await owner.execute("delete from tenant_users where user_id = $1", people.member.sub)
    assert len((await mine.call("list_my_notifications"))["items"]) == 4


async def test_what_was_not_to_be_sent_is_not_shown(
    owner: asyncpg.Connection, people: People, mine: Session
) -> None:
    reasons = ("opted_out", "left_organization", "expired", "no_device", None)
    for days_ago, reason in enumerate(reasons):
        await write(owner, people, people.member, days_ago, "milestone")
        await owner.execute(
            "update scenario_notifications set delivery_status = 'failed', skip_reason = $2 where milestone_value = $1",
            days_ago + 1,
            reason,
        )
    shown: list[int] = []
    before = None
    while len(shown) < len(reasons):
        page = await mine.call("list_my_notifications", {"before": before, "limit": 1})
        shown += [item["milestone_value"] for item in page["items"]]
        before = page["next_before"]
        if before is None:
            break
    # What no device took is for its person all the same.
    assert shown == [4, 5]


async def test_nothing_follows_the_last_that_is_shown(
    owner: asyncpg.Connection, people: People, mine: Session
) -> None:
    await write(owner, people, people.member, 0, "inactivity")
    await write(owner, people, people.member, 1, "milestone")
    await owner.execute(
        "update scenario_notifications set delivery_status = 'failed', skip_reason = 'expired' where milestone_value = 2"
    )
    page = await mine.call("list_my_notifications", {"limit": 1})
    assert (len(page["items"]), page["next_before"]) == (1, None)


@pytest.mark.parametrize("limit", [0, -1, 201, None])
async def test_a_limit_has_bounds(owner: asyncpg.Connection, mine: Session, limit: int | None) -> None:
    error = await refusal_of(owner, mine, "list_my_notifications", limit=limit)
    assert wrong_fields(error) == ["limit"]


@pytest.mark.parametrize("principal", [ANON, SERVICE])
async def test_it_is_for_people(api: Database, principal: Any) -> None:
    with pytest.raises(RpcError) as refused:
        await api.session(principal).call("list_my_notifications")
    assert refused.value.status == 403
