"""``casebase.enqueue``: a job per call, or per key, in the caller's transaction."""

from __future__ import annotations

import asyncio

import asyncpg
import pytest

from casebase.kernel.errors import RpcError
from casebase.kernel.jobs import Queues
from tests.kernel.jobs.handlers import WORK


async def count(queues: Queues) -> int:
    return len(await queues.list_jobs(WORK, max_rows=1000))


async def test_each_call_makes_a_job(queues: Queues) -> None:
    ids = {await queues.enqueue(WORK, {"n": n}) for n in range(3)}
    assert len(ids) == 3
    assert [job.payload for job in await queues.read(WORK, 10, 30)] == [{"n": 0}, {"n": 1}, {"n": 2}]


async def test_fifty_callers_with_one_key_make_one_job(queues: Queues) -> None:
    ids = await asyncio.gather(*(queues.enqueue(WORK, {"n": n}, idempotency_key="k") for n in range(50)))
    assert len(set(ids)) == 1
    assert await count(queues) == 1


async def test_a_key_outlives_its_job(queues: Queues) -> None:
    first = await queues.enqueue(WORK, {}, idempotency_key="k")
    [job] = await queues.read(WORK, 1, 30)
    assert await queues.complete(job)
    assert await queues.enqueue(WORK, {}, idempotency_key="k") == first
    assert await count(queues) == 0


async def test_keys_belong_to_their_queue(queues: Queues) -> None:
    await queues.enqueue(WORK, {}, idempotency_key="k")
    await queues.enqueue("casebase_maintenance", {}, idempotency_key="k")
    assert await count(queues) == 1


async def test_rolled_back_with_its_caller(owner: asyncpg.Connection, queues: Queues) -> None:
    transaction = owner.transaction()
    await transaction.start()
    await owner.execute("select casebase.enqueue($1, '{}', 'k')", WORK)
    await transaction.rollback()
    assert await count(queues) == 0
    await queues.enqueue(WORK, {}, idempotency_key="k")
    assert await count(queues) == 1


async def test_a_delayed_job_waits(queues: Queues) -> None:
    await queues.enqueue(WORK, {}, delay_s=3600)
    assert await queues.read(WORK, 1, 30) == []
    due_in_s = await queues.seconds_until_due(WORK)
    assert due_in_s is not None
    assert 3500 < due_in_s <= 3600
    assert [job.job_state for job in await queues.list_jobs(WORK)] == ["delayed"]


async def test_an_unknown_queue_is_refused(queues: Queues) -> None:
    with pytest.raises(RpcError) as refusal:
        await queues.enqueue("no_such_queue", {})
    assert (refusal.value.code, refusal.value.status) == ("queue_not_found", 404)


async def test_a_payload_that_is_no_object_is_refused(owner: asyncpg.Connection) -> None:
    with pytest.raises(asyncpg.PostgresError, match="invalid_input"):
        await owner.execute("select casebase.enqueue($1, '[1]')", WORK)


@pytest.mark.parametrize("role", ["anon", "authenticated", "casebase_analyst", "casebase_ai_broker"])
async def test_clients_get_at_no_job(owner: asyncpg.Connection, role: str) -> None:
    await owner.execute(f"set role {role}")
    for statement in (
        "select casebase.enqueue('toy_work', '{}')",
        "select casebase.read_jobs('toy_work', 1, 1)",
        "select casebase.complete_job('toy_work', 1, 1)",
        "select casebase.list_jobs('toy_work')",
        "select casebase.start_schedule_run('purge_job_records', now())",
        "select * from casebase.dead_jobs",
        "select * from pgmq.q_toy_work",
        "select pgmq.send('toy_work', '{}'::jsonb, 0)",
    ):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await owner.execute(statement)


async def test_a_number_that_no_worker_could_read_is_refused(queues: Queues) -> None:
    with pytest.raises(RpcError) as refused:
        await queues.enqueue(WORK, {"n": 10**400})
    assert (refused.value.status, refused.value.code) == (422, "invalid_input")
    assert await count(queues) == 0
