"""Whoever logs a call holds its case, then tasks of the plaintiff's other cases; the nightly run takes all cases before a task too."""

from __future__ import annotations

import asyncio
from uuid import UUID

import asyncpg
import pytest

from casebase.kernel.db import Session
from tests.enforcement.calls import add_call
from tests.enforcement.conftest import MakeJudgment, OpenCase


@pytest.fixture
async def two_cases(
    owner: asyncpg.Connection, make_judgment: MakeJudgment, open_case: OpenCase
) -> tuple[str, str]:
    """Two cases of one plaintiff: the first is late, the second's tier changes tonight, and has calls."""
    first, second = await make_judgment(), await make_judgment()
    await owner.execute("update judgments set plaintiff_id = $1 where id = $2", first.plaintiff_id, second.id)
    late = await open_case(first)
    moved = await open_case(second, collectability_score=90, tier="tier0")
    for _ in range(3):
        await add_call(owner, first.plaintiff_id, case_id=moved)
    await owner.execute(
        "update enforcement_cases set next_action_at = now() - interval '1 hour' where id = $1", UUID(late)
    )
    return late, moved


async def test_the_run_waits_for_every_case_before_it_takes_a_task(
    database: str, owner: asyncpg.Connection, service: Session, two_cases: tuple[str, str]
) -> None:
    late, moved = two_cases
    caller = await asyncpg.connect(database)
    try:
        async with caller.transaction():
            await caller.execute("select from enforcement_cases where id = $1 for share", UUID(late))
            running = asyncio.create_task(service.call("refresh_enforcement_metrics"))
            while not await owner.fetchval(
                "select exists (select from pg_stat_activity "
                "where datname = current_database() and wait_event_type = 'Lock')"
            ):
                assert not running.done()
            # The other case's calls are still the caller's to cancel.
            cancelled = await caller.execute(
                "update plaintiff_tasks set status = 'cancelled', closed_at = now() where enforcement_case_id = $1",
                UUID(moved),
            )
        assert cancelled == "UPDATE 3"
        answer = await running
        assert (answer["breaches"], answer["tiers_changed"]) == (1, 1)
    finally:
        await caller.close()


async def test_the_open_tasks_of_moved_cases_are_moved(
    owner: asyncpg.Connection, service: Session, two_cases: tuple[str, str]
) -> None:
    done = await owner.fetchval(
        "update plaintiff_tasks set status = 'done', closed_at = now() "
        "where id = (select id from plaintiff_tasks limit 1) returning id"
    )
    await service.call("refresh_enforcement_metrics")
    tiers = await owner.fetch("select tier, id = $1 as is_done from plaintiff_tasks order by 2", done)
    assert [row["tier"] for row in tiers] == ["tier3", "tier3", "tier0"]
