"""Of several organisations, the one joined first decides what somebody did not."""

from __future__ import annotations

from datetime import timedelta

import asyncpg

from casebase.kernel.db import Database
from tests.notifications.conftest import TODAY, People


async def test_the_organisation_joined_first_decides(
    owner: asyncpg.Connection, api: Database, people: People
) -> None:
    await owner.executemany(
        "insert into notifications.settings (organization_id, timezone) values ($1, $2)",
        [(people.default_tenant, "Europe/London"), (people.other_tenant, "Asia/Tokyo")],
    )
    await owner.execute(
        "insert into tenant_users (tenant_id, user_id, role, created_at) values ($1, $2, 'member', $3)",
        people.other_tenant,
        people.member.sub,
        TODAY - timedelta(days=900),
    )
    answer = await api.session(people.member).call("get_notification_preferences")
    assert answer["timezone"] == "Asia/Tokyo"


async def test_a_change_of_the_organisation_reaches_who_decided_nothing(
    owner: asyncpg.Connection, api: Database, people: People
) -> None:
    mine = api.session(people.member)
    await mine.call("get_notification_preferences")
    await owner.execute(
        "insert into notifications.settings (organization_id, quiet_from, quiet_until) values ($1, '20:00', '08:00')",
        people.default_tenant,
    )
    held = (await mine.call("get_notification_preferences"))["preferences"]
    assert {(entry["quiet_from"], entry["quiet_until"]) for entry in held} == {("20:00", "08:00")}
