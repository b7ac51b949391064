"""However large an organisation is, the others are evaluated meanwhile; a job that died goes on where it was."""

from __future__ import annotations

import asyncio
import dataclasses
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import UUID

import asyncpg
import pytest

from casebase.kernel.db import Session
from casebase.kernel.jobs import Worker
from casebase.kernel.jobs.queue import Queues
from casebase.kernel.runtime import Runtime
from casebase.modules.notifications import MODULE, evaluation
from tests.conftest import At
from tests.notifications.conftest import MakeMentor, People
from tests.notifications.facts import configure
from tests.notifications.many_mentors import make_many_mentors
from tests.support.refusals import refusal
from tests.support.requires import ROOT
from tests.support.waiting import eventually

QUEUE = "notifications_evaluate"
MILESTONES = {"payload": {"scenario_types": ["milestone"]}}


async def finished(owner: asyncpg.Connection) -> list[UUID]:
    """The organisations whose run is over, in the order they ended in."""
    rows = await owner.fetch(
        "select organization_id from scenario_evaluation_runs where finished_at is not null order by finished_at"
    )
    return [row["organization_id"] for row in rows]


async def expect_all_evaluated(owner: asyncpg.Connection, organization_id: UUID) -> None:
    """Everybody was looked at in one run, once, and each milestone that was due told once, with its job."""
    run = await owner.fetchrow(
        "select * from scenario_evaluation_runs where organization_id = $1", organization_id
    )
    members = await owner.fetchval("select count(*) from tenant_users where tenant_id = $1", organization_id)
    assert run["finished_at"] is not None
    assert run["evaluated_count"] == members
    written = await owner.fetchval(
        "select count(*) from scenario_notifications where organization_id = $1 and delivery_status = 'pending'",
        organization_id,
    )
    counted = await owner.fetchval(
        "select count from notifications.run_counts where run_id = $1 and outcome = 'notified'", run["id"]
    )
    due = await owner.fetchval(
        """
        select count(*) from tenant_users m
        where m.tenant_id = $1
          and (select count(*) from activities a where a.user_id = m.user_id and a.organization_id = $1) >= 10
          and not exists (
              select from scenario_notifications n
              where n.user_id = m.user_id and n.milestone_value is not null and n.delivery_status = 'sent')
        """,
        organization_id,
    )
    assert written == counted == due > 0
    jobs = await owner.fetchval(
        """
        select count(distinct q.message ->> 'notification_id') from pgmq.q_notifications_dispatch q
        join scenario_notifications n on n.id = (q.message ->> 'notification_id')::uuid and n.organization_id = $1
        """,
        organization_id,
    )
    assert jobs == written


@asynccontextmanager
async def another_engine(owner: asyncpg.Connection, organization_id: UUID) -> AsyncIterator[None]:
    """Be at work on an organisation."""
    await owner.execute(
        "select pg_advisory_lock_shared(hashtextextended('notifications.evaluate', 0)),"
        " pg_advisory_lock(hashtextextended('notifications.evaluate:' || $1::uuid, 0))",
        organization_id,
    )
    try:
        yield
    finally:
        await owner.execute("select pg_advisory_unlock_all()")


@asynccontextmanager
async def working(*runtimes: Runtime) -> AsyncIterator[None]:
    """Have workers, each on its runtime, work meanwhile."""
    stop = asyncio.Event()
    async with asyncio.TaskGroup() as group:
        for runtime in runtimes:
            group.create_task(Worker(runtime, [QUEUE]).run(stop))
        try:
            yield
        finally:
            stop.set()


async def test_small_ones_end_while_the_large_one_is_at_work(
    owner: asyncpg.Connection,
    service: Session,
    runtime: Runtime,
    people: People,
    make_mentor: MakeMentor,
) -> None:
    await make_mentor(10)
    await make_mentor(10, organization_id=people.other_tenant)
    # As many as there are lanes: first all of the large one's, then those of the small one.
    for tenant in (people.default_tenant, people.other_tenant):
        await service.call("queue_scenario_evaluations", {"payload": {"organization_id": str(tenant)}})

    async def ended(count: int) -> bool:
        return len(await finished(owner)) == count

    async with working(runtime):
        async with another_engine(owner, people.default_tenant):
            await eventually(lambda: ended(4))
            assert set(await finished(owner)) == {people.other_tenant}
        await eventually(lambda: ended(8))
    told = await owner.fetch(
        "select organization_id, count(*) from scenario_notifications where scenario_type = 'milestone' group by 1"
    )
    assert dict(told) == {people.default_tenant: 1, people.other_tenant: 1}


async def test_of_fifty_none_is_lost_and_none_fails(
    owner: asyncpg.Connection, at: At, people: People, make_mentor: MakeMentor
) -> None:
    for _ in range(3):
        await make_mentor(10)
    runtime = await at()
    payload = {"organization_id": str(people.default_tenant), "scenario_types": ["milestone"]}
    queues = Queues(runtime.database)
    last = [await queues.enqueue(QUEUE, payload | {"run_key": str(n)}) for n in range(50)][-1]

    async def was_put_back() -> bool:
        latest: int = await owner.fetchval(f"select max(msg_id) from pgmq.q_{QUEUE}")
        return latest >= last + 8

    async def is_empty() -> bool:
        count: int = await owner.fetchval(f"select count(*) from pgmq.q_{QUEUE}")
        return count == 0

    async with working(runtime, runtime):
        async with another_engine(owner, people.default_tenant):
            await eventually(was_put_back)
        await eventually(is_empty)
    runs = await owner.fetch("select run_key, evaluated_count from scenario_evaluation_runs")
    members = await owner.fetchval(
        "select count(*) from tenant_users where tenant_id = $1", people.default_tenant
    )
    assert len(await finished(owner)) == 50
    assert {row["run_key"]: row["evaluated_count"] for row in runs} == {str(n): members for n in range(50)}
    assert (
        await owner.fetchval("select sum(count) from notifications.run_counts where outcome = 'notified'")
        == 3
    )
    assert await owner.fetchval("select count(*) from scenario_notifications") == 3
    assert await owner.fetchval("select count(*) from casebase.job_failures") == 0


async def test_who_waits_no_longer_than_they_say_writes_nothing(
    owner: asyncpg.Connection, service: Session, people: People
) -> None:
    payload = {"organization_id": str(people.default_tenant), "wait_s": 1}
    async with another_engine(owner, people.default_tenant):
        refused = await refusal(owner, service, "evaluate_scenarios", payload)
        assert (refused.status, refused.code) == (409, "evaluation_under_way")
        other = {"organization_id": str(people.other_tenant), "wait_s": 1}
        assert (await service.call("evaluate_scenarios", {"payload": other}))["evaluated"] == 2
        everybody = await refusal(owner, service, "evaluate_scenarios", {"wait_s": 1})
        assert everybody.code == "evaluation_under_way"
    assert (await service.call("evaluate_scenarios", {"payload": payload}))["evaluated"] == 2


async def test_with_one_lane_alone_the_large_one_lets_the_small_one_through(
    owner: asyncpg.Connection,
    service: Session,
    runtime: Runtime,
    people: People,
    make_mentor: MakeMentor,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    await make_many_mentors(owner, 600, 6000)
    await configure(owner, "milestone", batch_size=100)
    await make_mentor(10, organization_id=people.other_tenant)
    for tenant in (people.default_tenant, people.other_tenant):
        payload = {"organization_id": str(tenant), "scenario_types": ["milestone"]}
        await service.call("queue_scenario_evaluations", {"payload": payload})
    monkeypatch.setattr(evaluation, "TURN_S", 0.0)
    one_lane = dataclasses.replace(
        MODULE,
        jobs=tuple(dataclasses.replace(job, concurrency=1) for job in MODULE.jobs if job.queue == QUEUE),
    )
    await Worker(dataclasses.replace(runtime, modules=(one_lane,)), [QUEUE]).drain()
    assert await finished(owner) == [people.other_tenant, people.default_tenant]
    await expect_all_evaluated(owner, people.default_tenant)


async def test_a_run_whose_worker_is_killed_goes_on(
    owner: asyncpg.Connection,
    database: str,
    api_url: str,
    service: Session,
    runtime: Runtime,
    people: People,
) -> None:
    await make_many_mentors(owner, 600, 6000)
    await configure(owner, "milestone", batch_size=100)
    # Somebody in the third hundred, whose milestone is being written by somebody else: the engine waits there.
    person = await owner.fetchval(
        "select user_id from tenant_users where tenant_id = $1 order by user_id offset 250 limit 1",
        people.default_tenant,
    )
    await owner.execute("delete from scenario_notifications where user_id = $1", person)
    await owner.execute(
        """
        insert into activities (organization_id, user_id, activity_date)
        select $1, $2, current_date from generate_series(1, 500)
        """,
        people.default_tenant,
        person,
    )
    await service.call("queue_scenario_evaluations", MILESTONES)
    door = await asyncpg.connect(database)
    transaction = door.transaction()
    await transaction.start()
    await door.execute(
        """
        insert into scenario_notifications (user_id, organization_id, scenario_type, milestone_value)
        values ($1, $2, 'milestone', 500)
        """,
        person,
        people.default_tenant,
    )
    try:
        victim = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "tests.notifications.worker_process", api_url, QUEUE),
            cwd=ROOT,
            stdout=asyncio.subprocess.DEVNULL,
            env={**os.environ},
        )

        async def is_waiting() -> bool:
            count: int = await owner.fetchval(
                "select count(*) from pg_stat_activity where wait_event = 'transactionid' and datname = current_database()"
            )
            return count > 0

        await eventually(is_waiting)
        victim.send_signal(signal.SIGKILL)
        await victim.wait()
        run = await owner.fetchrow(
            "select evaluated_count, finished_at from scenario_evaluation_runs where organization_id = $1",
            people.default_tenant,
        )
        assert tuple(run) == (200, None)
    finally:
        await transaction.rollback()
        await door.close()

    async def is_done() -> bool:
        return people.default_tenant in await finished(owner)

    async with working(runtime):
        await eventually(is_done)
    await expect_all_evaluated(owner, people.default_tenant)
