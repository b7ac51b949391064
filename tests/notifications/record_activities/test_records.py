"""People record what they did themselves, organisations what their members did, on the day it was where they live."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import asyncpg

from casebase.kernel.db import Database, Session
from tests.notifications.conftest import People


async def recorded(owner: asyncpg.Connection) -> list[tuple[object, ...]]:
    rows = await owner.fetch(
        "select organization_id, user_id, activity_date, kind from activities order by activity_date, kind"
    )
    return [tuple(row) for row in rows]


async def test_a_member_records_their_own(owner: asyncpg.Connection, api: Database, people: People) -> None:
    activities = [
        {"activity_date": "2026-03-01", "kind": "home_visit"},
        {"activity_date": "2026-03-02", "user_id": str(people.member.sub)},
        {"activity_date": "2026-03-02"},
    ]
    reply = await api.session(people.member).call(
        "record_activities", {"payload": {"activities": activities}}
    )
    member = UUID(str(people.member.sub))
    assert await recorded(owner) == [
        (people.default_tenant, member, date(2026, 3, 1), "home_visit"),
        (people.default_tenant, member, date(2026, 3, 2), "activity"),
        (people.default_tenant, member, date(2026, 3, 2), "activity"),
    ]
    assert reply["organization_id"] == str(people.default_tenant)
    first = await owner.fetchval("select id from activities where kind = 'home_visit'")
    assert len(reply["activity_ids"]) == 3
    assert reply["activity_ids"][0] == str(first)


async def test_an_administrator_records_a_members(
    owner: asyncpg.Connection, api: Database, people: People
) -> None:
    activities = [{"user_id": str(people.other_member.sub), "activity_date": "2026-03-01"}]
    await api.session(people.other_admin).call("record_activities", {"payload": {"activities": activities}})
    assert await recorded(owner) == [
        (people.other_tenant, UUID(str(people.other_member.sub)), date(2026, 3, 1), "activity")
    ]


async def test_the_service_records_a_thousand_of_an_organisation(
    owner: asyncpg.Connection, service: Session, people: People
) -> None:
    first = date(2020, 1, 1)
    activities = [
        {
            "user_id": str(people.other_member.sub),
            "activity_date": (first + timedelta(days=n)).isoformat(),
        }
        for n in range(1000)
    ]
    payload = {"organization_id": str(people.other_tenant), "activities": activities}
    reply = await service.call("record_activities", {"payload": payload})
    assert len(set(reply["activity_ids"])) == 1000
    assert [row[2] for row in await recorded(owner)] == [first + timedelta(days=n) for n in range(1000)]


async def test_without_a_day_it_is_today_where_the_person_lives(
    owner: asyncpg.Connection, api_url: str, people: People
) -> None:
    """At 10:30 UTC it is yesterday in Pago Pago, still today in Oslo and already tomorrow in Kiritimati."""
    await owner.execute(
        "insert into notification_preferences (user_id, scenario_type, timezone) values "
        "($1, 'inactivity', 'Pacific/Pago_Pago'), ($2, 'inactivity', 'Pacific/Kiritimati')",
        people.member.sub,
        people.admin.sub,
    )
    until = datetime(2027, 2, 10, 10, 30, tzinfo=UTC) - datetime.now(UTC)
    async with await Database.connect(api_url, clock_offset=until) as moved:
        for who in (people.member, people.other_member, people.admin):
            await moved.session(who).call("record_activities", {"payload": {"activities": [{}]}})
    assert [row[1:3] for row in await recorded(owner)] == [
        (UUID(str(people.member.sub)), date(2027, 2, 9)),
        (UUID(str(people.other_member.sub)), date(2027, 2, 10)),
        (UUID(str(people.admin.sub)), date(2027, 2, 11)),
    ]


async def test_who_belongs_to_several_says_which(
    owner: asyncpg.Connection, api: Database, people: People
) -> None:
    await owner.execute(
        "insert into tenant_users (tenant_id, user_id, role) values ($1, $2, 'member')",
        people.other_tenant,
        people.member.sub,
    )
    payload = {"organization_id": str(people.other_tenant), "activities": [{"activity_date": "2026-03-01"}]}
    reply = await api.session(people.member).call("record_activities", {"payload": payload})
    assert reply["organization_id"] == str(people.other_tenant)


async def test_a_key_records_once(owner: asyncpg.Connection, api: Database, people: People) -> None:
    session = api.session(people.member)
    payload = {"activities": [{"activity_date": "2026-03-01"}]}
    replies = [
        await session.call("record_activities", {"payload": payload}, idempotency_key="visit 7")
        for _ in range(2)
    ]
    assert replies[0] == replies[1]
    assert len(await recorded(owner)) == 1
