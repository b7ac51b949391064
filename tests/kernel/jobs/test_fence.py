"""The fence: whoever shows an older ``read_ct`` changes nothing."""

from __future__ import annotations

import asyncio

import asyncpg
import pytest

from casebase.kernel.errors import RpcError
from casebase.kernel.jobs import Completion, Job, Queues
from tests.kernel.jobs.handlers import WORK


@pytest.fixture
async def late_and_current(owner: asyncpg.Connection, queues: Queues) -> tuple[Job, Job]:
    """The same job as two workers have it: the first one's lease ended."""
    await queues.enqueue(WORK, {"n": 1})
    [late] = await queues.read(WORK, 1, 0)
    [current] = await queues.read(WORK, 1, 30)
    return late, current


def record(job: Job) -> Completion:
    return Completion("toy.record", {"msg_id": job.msg_id, "read_ct": job.read_ct})


async def effects(owner: asyncpg.Connection) -> list[int]:
    return [row[0] for row in await owner.fetch("select read_ct from toy.effects order by 1")]


async def test_a_late_result_is_not_written(
    owner: asyncpg.Connection, queues: Queues, late_and_current: tuple[Job, Job]
) -> None:
    late, current = late_and_current
    assert not await queues.complete(late, record(late))
    assert await effects(owner) == []
    assert await queues.complete(current, record(current))
    assert not await queues.complete(current, record(current))
    assert await effects(owner) == [current.read_ct]


async def test_of_many_that_complete_at_once_one_does(owner: asyncpg.Connection, queues: Queues) -> None:
    await queues.enqueue(WORK, {})
    [job] = await queues.read(WORK, 1, 30)
    done = await asyncio.gather(*(queues.complete(job, record(job)) for _ in range(20)))
    assert sum(done) == 1
    assert await effects(owner) == [1]


async def test_late_acknowledgements_leave_the_job(queues: Queues, late_and_current: tuple[Job, Job]) -> None:
    late, current = late_and_current
    assert await queues.complete_all(WORK, [(late.msg_id, late.read_ct)]) == set()
    assert await queues.complete_all(WORK, [(current.msg_id, current.read_ct)]) == {current.msg_id}


async def test_a_late_failure_leaves_the_job(queues: Queues, late_and_current: tuple[Job, Job]) -> None:
    late, current = late_and_current
    assert await queues.fail(late, "late", "late") == "lost"
    [job] = await queues.list_jobs(WORK)
    assert (job.job_state, job.error_code) == ("running", None)
    assert await queues.fail(current, "current", "") == "retry"


async def test_a_late_heartbeat_leaves_the_lease(queues: Queues, late_and_current: tuple[Job, Job]) -> None:
    late, current = late_and_current
    [before] = await queues.list_jobs(WORK)
    assert await queues.extend(WORK, [(late.msg_id, late.read_ct)], 3600) == set()
    assert await queues.list_jobs(WORK) == [before]
    assert await queues.extend(WORK, [(current.msg_id, current.read_ct)], 3600) == {current.msg_id}


async def test_a_result_that_is_refused_is_undone_and_the_job_stays(
    owner: asyncpg.Connection, queues: Queues
) -> None:
    await queues.enqueue(WORK, {})
    [job] = await queues.read(WORK, 1, 30)
    with pytest.raises(RpcError) as refusal:
        await queues.complete(job, Completion("toy.record_then_fail", record(job).arguments))
    assert refusal.value.code == "toy_refused"
    assert await effects(owner) == []
    assert [status.job_state for status in await queues.list_jobs(WORK)] == ["running"]


async def test_a_result_is_written_as_service_role(owner: asyncpg.Connection, queues: Queues) -> None:
    await queues.enqueue(WORK, {})
    [job] = await queues.read(WORK, 1, 30)
    await queues.complete(job, record(job))
    assert await owner.fetchval("select done_by from toy.effects") == "service_role"


async def test_a_requeued_job_is_out_of_reach_of_its_former_life(
    owner: asyncpg.Connection, queues: Queues
) -> None:
    await queues.create(WORK, 1)
    await queues.enqueue(WORK, {})
    [former] = await queues.read(WORK, 1, 30)
    assert await queues.fail(former, "job_failed", "") == "dead"
    await queues.requeue(WORK)
    [current] = await queues.read(WORK, 1, 30)
    assert current.read_ct == former.read_ct
    assert not await queues.complete(former, record(former))
    assert await effects(owner) == []
