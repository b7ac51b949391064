"""Fifty engines at once, a retried run and a replayed tick: one notification, one job."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import asyncpg

from casebase.kernel.db import Session
from tests.notifications.conftest import TODAY, Evaluate, MakeMentor, People
from tests.notifications.facts import be_active, certify
from tests.support.rows import all_rows


async def fifty(service: Session, payloads: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Evaluate fifty times at once, with each payload in turn."""
    return await asyncio.gather(
        *(
            service.call(
                "evaluate_scenarios", {"payload": {"now": TODAY.isoformat()} | payloads[n % len(payloads)]}
            )
            for n in range(50)
        )
    )


async def test_of_fifty_engines_one_notifies(
    owner: asyncpg.Connection, make_mentor: MakeMentor, service: Session
) -> None:
    for last_active in (30, 40, 50):
        mentor = await make_mentor(12, last_active=last_active)
        await certify(owner, mentor, "First aid", TODAY.date() + timedelta(days=3))
    replies = await fifty(service, [{}])
    notified = [reply["scenarios"].get("inactivity", {}).get("notified", 0) for reply in replies]
    assert sorted(notified) == [0] * 49 + [3]
    assert await owner.fetchval("select count(*) from scenario_notifications") == 9
    assert await owner.fetchval("select count(*) from notifications.certification_stages") == 3
    assert await owner.fetchval("select count(*) from pgmq.q_notifications_dispatch") == 9


async def test_engines_of_several_organisations_and_of_all_let_each_other_through(
    owner: asyncpg.Connection, make_mentor: MakeMentor, service: Session, people: People
) -> None:
    """Milestones are told once over organisations, so that whoever belongs to two is whom engines meet at."""
    for _ in range(20):
        mentor = await make_mentor(10, last_active=40)
        await owner.execute(
            "insert into tenant_users (tenant_id, user_id, role) values ($1, $2, 'member')",
            people.other_tenant,
            mentor,
        )
        await be_active(owner, mentor, *[TODAY.date()] * 10, organization="other")
    each = [{"organization_id": str(tenant)} for tenant in (people.default_tenant, people.other_tenant)]
    await fifty(service, [*each, {}])
    counts = dict(
        await owner.fetch("select scenario_type, count(*) from scenario_notifications group by scenario_type")
    )
    assert counts == {"inactivity": 20, "milestone": 20}
    assert await owner.fetchval("select count(*) from pgmq.q_notifications_dispatch") == 40
    assert await owner.fetchval(
        "select sum(count) from notifications.run_counts where outcome = 'notified'"
    ) == 40  # fmt: skip


async def test_a_repository_that_writes_at_the_same_time_makes_no_second_one(
    owner: asyncpg.Connection, make_mentor: MakeMentor, service: Session, database: str
) -> None:
    mentors = [await make_mentor(last_active=40) for _ in range(10)]

    async def write(user_id: object) -> None:
        await writers.execute(
            """
            insert into public.scenario_notifications (user_id, organization_id, scenario_type, triggered_at)
            select $1, id, 'inactivity', $2 from public.tenants where slug = 'default' on conflict do nothing
            """,
            user_id,
            TODAY,
        )

    async with asyncpg.create_pool(database, min_size=5, max_size=5) as writers:
        await asyncio.gather(
            fifty(service, [{"scenario_types": ["inactivity"]}]), *(write(mentor) for mentor in mentors)
        )
    assert await owner.fetchval("select count(*) from scenario_notifications") == 10


async def test_a_dry_run_writes_nothing(
    owner: asyncpg.Connection, make_mentor: MakeMentor, evaluate: Evaluate
) -> None:
    await make_mentor(12, last_active=30)
    before = await all_rows(owner)
    reply = await evaluate(dry_run=True)
    assert reply["scenarios"] == {"inactivity": {"notified": 1}, "milestone": {"notified": 1}}
    assert await all_rows(owner) == before


async def test_what_a_dry_run_counts_is_written(
    owner: asyncpg.Connection, make_mentor: MakeMentor, evaluate: Evaluate
) -> None:
    for last_active in (10, 30, 40):
        await make_mentor(10, last_active=last_active)
    dry = await evaluate(dry_run=True)
    assert (await evaluate())["scenarios"] == dry["scenarios"]
