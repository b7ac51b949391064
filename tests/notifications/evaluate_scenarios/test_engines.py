"""Fifty engines at once, a retried run and a replayed tick: one notification, one job."""

from __future__ import annotations

import asyncio

import asyncpg

from casebase.kernel.db import Session
from tests.notifications.conftest import TODAY, Evaluate, MakeMentor


async def test_of_fifty_engines_one_notifies(
    owner: asyncpg.Connection, make_mentor: MakeMentor, service: Session
) -> None:
    for last_active in (30, 40, 50):
        await make_mentor(12, last_active=last_active)
    replies = await asyncio.gather(
        *(service.call("evaluate_scenarios", {"payload": {"now": TODAY.isoformat()}}) for _ in range(50))
    )
    notified = [reply["scenarios"].get("inactivity", {}).get("notified", 0) for reply in replies]
    assert sorted(notified) == [0] * 49 + [3]
    assert await owner.fetchval("select count(*) from scenario_notifications") == 6
    assert await owner.fetchval("select count(*) from pgmq.q_notifications_dispatch") == 6


async def test_a_dry_run_writes_nothing(
    owner: asyncpg.Connection, make_mentor: MakeMentor, evaluate: Evaluate
) -> None:
    await make_mentor(12, last_active=30)
    reply = await evaluate(dry_run=True)
    assert reply["scenarios"] == {"inactivity": {"notified": 1}, "milestone": {"notified": 1}}
    assert await owner.fetchval("select count(*) from scenario_notifications") == 0
    assert await owner.fetchval("select count(*) from scenario_evaluation_runs") == 0
