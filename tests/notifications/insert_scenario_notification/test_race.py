"""Of fifty writers at once one has its notification, and the others are told of the cooldown: nobody is locked out."""

from __future__ import annotations

import asyncio

import asyncpg

from casebase.kernel.db import Database
from casebase.modules.notifications.errors import ScenarioRepositoryException
from casebase.modules.notifications.repository import ScenarioNotificationRepository
from tests.notifications.conftest import MakeMentor, People


async def test_of_fifty_writers_one_has_its_way(
    owner: asyncpg.Connection, api_url: str, people: People, make_mentor: MakeMentor
) -> None:
    mentors = [await make_mentor() for _ in range(5)]
    async with await Database.connect(api_url, pool_size=50) as database:
        repository = ScenarioNotificationRepository(database)

        async def write(n: int) -> str:
            try:
                await repository.insert_notification(
                    {
                        "user_id": mentors[n % 5],
                        "organization_id": people.default_tenant,
                        "scenario_type": "inactivity",
                        "triggered_at": f"2026-06-15T10:{n // 5:02}:00Z",
                    }
                )
            except ScenarioRepositoryException as refused:
                return refused.code
            return "written"

        codes = await asyncio.gather(*(write(n) for n in range(250)))
    assert sorted(codes) == ["cooldown_active"] * 245 + ["written"] * 5
    assert await owner.fetchval("select count(distinct user_id) from scenario_notifications") == 5
    assert await owner.fetchval("select count(*) from pgmq.q_notifications_dispatch") == 5
