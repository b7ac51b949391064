"""``casebase.enqueue_all``: a job for each payload, in the caller's transaction, and one waking of the workers."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import asyncpg
import pytest

from casebase.kernel.jobs import Queues
from tests.kernel.jobs.handlers import WORK
from tests.support.waiting import PATIENCE_S


async def enqueue_all(owner: asyncpg.Connection, payloads: list[Any], **named: Any) -> int:
    count: int = await owner.fetchval(
        "select casebase.enqueue_all($1, $2::jsonb[], $3)",
        named.get("queue", WORK),
        [json.dumps(payload) for payload in payloads],
        named.get("delay_s", 0),
    )
    return count


async def test_each_payload_makes_a_job(owner: asyncpg.Connection, queues: Queues) -> None:
    payloads = [{"n": n, "nested": {"of": [n, "æ"]}} for n in range(1000)]
    assert await enqueue_all(owner, payloads) == 1000
    jobs = await queues.read(WORK, 1000, 30)
    assert sorted(job.payload["n"] for job in jobs) == list(range(1000))
    assert jobs[7].payload == payloads[jobs[7].payload["n"]]


async def test_none_make_none(owner: asyncpg.Connection, queues: Queues) -> None:
    assert await enqueue_all(owner, []) == 0
    assert await queues.list_jobs(WORK) == []


async def test_equal_payloads_make_a_job_each(owner: asyncpg.Connection, queues: Queues) -> None:
    assert await enqueue_all(owner, [{"n": 1}, {"n": 1}]) == 2
    assert len(await queues.read(WORK, 10, 30)) == 2


async def test_delayed_ones_wait(owner: asyncpg.Connection, queues: Queues) -> None:
    await enqueue_all(owner, [{"n": 1}, {"n": 2}], delay_s=3600)
    assert await queues.read(WORK, 10, 30) == []
    assert [job.job_state for job in await queues.list_jobs(WORK)] == ["delayed", "delayed"]


async def test_rolled_back_with_their_caller(owner: asyncpg.Connection, queues: Queues) -> None:
    transaction = owner.transaction()
    await transaction.start()
    await enqueue_all(owner, [{"n": 1}])
    await transaction.rollback()
    assert await queues.list_jobs(WORK) == []


async def test_workers_are_woken_once(owner: asyncpg.Connection, kernel_database: str) -> None:
    woken: asyncio.Queue[object] = asyncio.Queue()
    listener = await asyncpg.connect(kernel_database)
    try:
        await listener.add_listener("casebase_jobs", lambda *said: woken.put_nowait(said[3]))
        await enqueue_all(owner, [{"n": n} for n in range(3)])
        assert await asyncio.wait_for(woken.get(), PATIENCE_S) == WORK
        # What was said before the next word has arrived before it.
        await owner.execute("notify casebase_jobs, 'the next word'")
        assert await asyncio.wait_for(woken.get(), PATIENCE_S) == "the next word"
    finally:
        await listener.close()


@pytest.mark.parametrize("bad", [[1], "text", 1, None, {"n": 10**250}, {"n": int("1" * 400)}])
async def test_one_that_is_no_readable_object_refuses_all(
    owner: asyncpg.Connection, queues: Queues, bad: Any
) -> None:
    with pytest.raises(asyncpg.PostgresError, match="invalid_input"):
        await enqueue_all(owner, [{"n": 1}, bad])
    assert await queues.list_jobs(WORK) == []


async def test_numbers_that_a_worker_can_read_are_let_through(
    owner: asyncpg.Connection, queues: Queues
) -> None:
    assert await enqueue_all(owner, [{"n": 10**200, "text": "1 " * 300}]) == 1
    [job] = await queues.read(WORK, 1, 30)
    assert job.payload["n"] == 10**200


async def test_a_missing_payload_is_refused(owner: asyncpg.Connection, queues: Queues) -> None:
    with pytest.raises(asyncpg.PostgresError, match="invalid_input"):
        await owner.fetchval("select casebase.enqueue_all($1, array[null]::jsonb[])", WORK)
    assert await queues.list_jobs(WORK) == []


async def test_an_unknown_queue_is_refused(owner: asyncpg.Connection) -> None:
    with pytest.raises(asyncpg.PostgresError, match="queue_not_found"):
        await enqueue_all(owner, [{}], queue="no_such_queue")


@pytest.mark.parametrize("role", ["anon", "authenticated", "casebase_analyst", "casebase_ai_broker"])
async def test_clients_cannot(owner: asyncpg.Connection, role: str) -> None:
    await owner.execute(f"set role {role}")
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await enqueue_all(owner, [{}])
