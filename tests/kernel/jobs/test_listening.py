"""A module's listener: woken by its channel, never dependent on it, in every worker side by side."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
from collections.abc import AsyncIterator

import asyncpg
import pytest

from casebase.kernel.errors import ConfigurationError
from casebase.kernel.jobs import Worker
from casebase.kernel.runtime import Runtime
from tests.kernel.jobs.handlers import CHANNEL, LISTENER, TOY, WORK
from tests.support.waiting import eventually


def listening(runtime: Runtime, **changes: object) -> Runtime:
    """The runtime whose toy module has a listener that polls once an hour, or as ``changes`` say."""
    listener = dataclasses.replace(LISTENER, **changes)  # type: ignore[arg-type]
    return dataclasses.replace(runtime, modules=(dataclasses.replace(TOY, listeners=(listener,)),))


@contextlib.asynccontextmanager
async def at_work(runtime: Runtime, owner: asyncpg.Connection) -> AsyncIterator[None]:
    """Run a worker with its listener inside the block, from when it listens and has looked."""
    stop = asyncio.Event()
    worker = asyncio.create_task(Worker(runtime).run(stop))
    try:
        await put(owner, 0)
        await told(owner, [0])
        await eventually(lambda: listener_pids(owner))
        yield
    finally:
        stop.set()
        await worker


async def listener_pids(owner: asyncpg.Connection) -> list[int]:
    rows = await owner.fetch(
        """select pid from pg_stat_activity where datname = current_database()
           and application_name = $1 and query like 'LISTEN%'""",
        f"{CHANNEL} listener",
    )
    return [row[0] for row in rows]


async def put(owner: asyncpg.Connection, item: int, *, notify: bool = True) -> None:
    async with owner.transaction():
        await owner.execute("insert into toy.outbox values ($1)", item)
        if notify:
            await owner.execute("select pg_notify($1, '')", CHANNEL)


async def told(owner: asyncpg.Connection, items: list[int]) -> None:
    """Wait until just these were told, each once."""

    async def all_told() -> bool:
        rows = await owner.fetch("select item from toy.told order by item")
        return [row[0] for row in rows] == items

    await eventually(all_told)


async def test_a_notification_wakes_it(owner: asyncpg.Connection, runtime: Runtime) -> None:
    async with at_work(listening(runtime), owner):
        await put(owner, 1)
        await told(owner, [0, 1])


async def test_a_lost_notification_only_delays(owner: asyncpg.Connection, runtime: Runtime) -> None:
    async with at_work(listening(runtime, poll_s=0.05), owner):
        await put(owner, 1, notify=False)
        await told(owner, [0, 1])


async def test_a_connection_that_came_back_looks_itself(owner: asyncpg.Connection, runtime: Runtime) -> None:
    """Nothing is polled for an hour: what was notified while nobody listened is found by the reconnection."""
    async with at_work(listening(runtime), owner):
        [pid] = await listener_pids(owner)
        await put(owner, 1, notify=False)
        await owner.execute("select pg_terminate_backend($1)", pid)
        await told(owner, [0, 1])
        await put(owner, 2)
        await told(owner, [0, 1, 2])
        assert await listener_pids(owner) != [pid]


async def test_several_workers_tell_each_thing_once(owner: asyncpg.Connection, runtime: Runtime) -> None:
    workers = listening(runtime, poll_s=0.05)
    async with at_work(workers, owner):
        stop = asyncio.Event()
        others = [asyncio.create_task(Worker(workers).run(stop)) for _ in range(3)]
        try:
            for item in range(1, 101):
                await put(owner, item)
            await told(owner, list(range(101)))
        finally:
            stop.set()
            await asyncio.gather(*others)


async def test_a_failed_look_is_tried_again(owner: asyncpg.Connection, runtime: Runtime) -> None:
    async with at_work(listening(runtime), owner):
        await owner.execute("insert into toy.outbox values (1, true)")
        await put(owner, 2)
        await owner.execute("update toy.outbox set is_poisoned = false")
        await told(owner, [0, 1, 2])


async def test_a_look_that_hangs_ends_with_the_worker(owner: asyncpg.Connection, runtime: Runtime) -> None:
    stop = asyncio.Event()
    await put(owner, 1)
    async with owner.transaction():
        await owner.execute("lock table toy.outbox in access exclusive mode")
        worker = asyncio.create_task(Worker(listening(runtime), grace_s=0).run(stop))

        async def is_waiting() -> bool:
            return bool(
                await owner.fetchval(
                    "select count(*) from pg_locks where not granted and relation = 'toy.outbox'::regclass"
                )
            )

        async def is_cancelled() -> bool:
            return not await is_waiting()

        await eventually(is_waiting)
        stop.set()
        async with asyncio.timeout(30):
            await worker
        # The server hears of it a moment later; the lock's end must not let the statement through before.
        await eventually(is_cancelled)
    assert await owner.fetchval("select count(*) from toy.outbox") == 1


async def test_draining_looks_once(owner: asyncpg.Connection, runtime: Runtime) -> None:
    await put(owner, 1)
    await Worker(listening(runtime)).drain()
    await told(owner, [1])


async def test_a_worker_of_chosen_queues_does_not_listen(owner: asyncpg.Connection, runtime: Runtime) -> None:
    await put(owner, 1)
    await Worker(listening(runtime), [WORK]).drain()
    assert await owner.fetchval("select count(*) from toy.told") == 0


def test_an_unknown_handler_is_refused_at_the_start(runtime: Runtime) -> None:
    with pytest.raises(ConfigurationError):
        Worker(listening(runtime, run="tests.kernel.jobs.handlers:gone"))
