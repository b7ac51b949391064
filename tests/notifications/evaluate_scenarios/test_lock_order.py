"""An engine of all organisations and one of a single organisation never wait for each other in a circle."""

from __future__ import annotations

import asyncio

import asyncpg

from casebase.kernel.db import Session
from tests.notifications.conftest import TODAY, MakeMentor, People
from tests.notifications.facts import told
from tests.support.waiting import locks_awaited


async def test_who_evaluates_all_waits_before_it_writes(
    owner: asyncpg.Connection, database: str, service: Session, people: People, make_mentor: MakeMentor
) -> None:
    """A milestone is told once over organisations, so each would wait for a row of the other's."""
    first, second = sorted([people.default_tenant, people.other_tenant])
    early, middle, late = sorted([await make_mentor(0) for _ in range(3)])
    await owner.execute("delete from tenant_users where user_id = any ($1)", [early, middle, late])
    due = [(first, late), (second, early), (second, middle), (second, late)]
    await owner.executemany(
        "insert into tenant_users (tenant_id, user_id, role) values ($1, $2, 'member')", due
    )
    await owner.executemany(
        """
        insert into activities (organization_id, user_id, activity_date)
        select $1, $2, $3 from generate_series(1, 10)
        """,
        [(*each, TODAY.date()) for each in due],
    )

    def evaluate(**payload: str) -> asyncio.Task[dict[str, object]]:
        payload = {"now": TODAY.isoformat(), **payload}
        return asyncio.create_task(
            service.call("evaluate_scenarios", {"payload": payload | {"scenario_types": ["milestone"]}})
        )

    door = await asyncpg.connect(database)
    transaction = door.transaction()
    await transaction.start()
    # The engine of the second organisation stops here: after the early one, before the late one.
    await door.execute(
        """
        insert into scenario_notifications (user_id, organization_id, scenario_type, milestone_value)
        values ($1, $2, 'milestone', 10)
        """,
        middle,
        second,
    )
    try:
        of_one = evaluate(organization_id=str(second))
        await locks_awaited(owner)
        of_all = evaluate()
        await locks_awaited(owner, 2)
    finally:
        await transaction.rollback()
        await door.close()
    await asyncio.gather(of_one, of_all)
    assert sorted(row["user_id"] for row in await told(owner, "milestone")) == [early, middle, late]
