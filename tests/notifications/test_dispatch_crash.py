"""A worker killed at any point leaves each notification to the next one: each key one effect at its receiver."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime

import asyncpg
import pytest

from tests.conftest import At
from tests.notifications.conftest import TODAY, Evaluate, MakeMentor
from tests.notifications.dispatching import effects, job_count, retry_at_once, to_webhook, work
from tests.support.receiver import Receiver
from tests.support.requires import ROOT
from tests.support.waiting import eventually, locks_awaited

Pending = Callable[[int], Awaitable[set[str]]]


@contextlib.asynccontextmanager
async def worker(url: str, hook: Receiver) -> AsyncIterator[asyncio.subprocess.Process]:
    offset_s = (TODAY - datetime.now(UTC)).total_seconds()
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.notifications.dispatch_process", url, str(offset_s), hook.url),
        cwd=ROOT,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
        stdout=asyncio.subprocess.DEVNULL,
    )
    try:
        yield process
    finally:
        await kill(process)


async def kill(process: asyncio.subprocess.Process) -> None:
    """Kill -9: nothing in the worker gets a word in."""
    if process.returncode is None:
        process.send_signal(signal.SIGKILL)
    await process.wait()


@dataclass(frozen=True)
class Scene:
    """Notifications that wait, workers that are killed over them, and the receiver that counts what it got."""

    owner: asyncpg.Connection
    url: str
    hook: Receiver
    at: At

    def worker(self) -> contextlib.AbstractAsyncContextManager[asyncio.subprocess.Process]:
        return worker(self.url, self.hook)

    async def leases_end(self) -> None:
        """Wait until whoever held the jobs is nobody any more."""
        over = "select coalesce(bool_and(vt <= clock_timestamp()), true) from pgmq.q_notifications_dispatch"
        await eventually(lambda: self.owner.fetchval(over))

    async def next_worker_sends(self, keys: set[str]) -> None:
        """Let a worker finish what is left: each key had one effect, each row says so."""
        last = await self.at(**to_webhook(self.hook))

        async def all_done() -> bool:
            await work(last)
            return await job_count(self.owner) == 0

        await eventually(all_done)
        assert effects(self.hook.received) == dict.fromkeys(keys, 1)
        rows = await self.owner.fetch("select distinct delivery_status from scenario_notifications")
        assert [row[0] for row in rows] == ["sent"]


@pytest.fixture
def scene(owner: asyncpg.Connection, api_url: str, hook: Receiver, at: At) -> Scene:
    return Scene(owner, api_url, hook, at)


@pytest.fixture
def pending(owner: asyncpg.Connection, make_mentor: MakeMentor, evaluate: Evaluate) -> Pending:
    """Make so many pending notifications and return their keys."""

    async def make(count: int) -> set[str]:
        await retry_at_once(owner)
        for _ in range(count):
            await make_mentor(last_active=40)
        await evaluate(scenario_types=["inactivity"])
        return {str(row[0]) for row in await owner.fetch("select id from scenario_notifications")}

    return make


async def test_killed_before_it_sends(scene: Scene, pending: Pending) -> None:
    keys = await pending(1)
    async with scene.owner.transaction():
        await scene.owner.execute("lock table device_tokens in access exclusive mode")
        async with scene.worker() as victim:
            await locks_awaited(scene.owner, on="device_tokens")
            await kill(victim)
    assert scene.hook.received == []
    await scene.leases_end()
    await scene.next_worker_sends(keys)


async def test_killed_while_it_waits_for_the_answer(scene: Scene, pending: Pending) -> None:
    keys = await pending(1)
    scene.hook.answer = lambda _: None
    async with scene.worker() as victim:
        await scene.hook.wait_for(1)
        await kill(victim)
    scene.hook.answer = lambda _: 204
    await scene.leases_end()
    await scene.next_worker_sends(keys)
    assert len(scene.hook.received) == 2


async def test_killed_after_the_answer_and_before_it_is_recorded(scene: Scene, pending: Pending) -> None:
    keys = await pending(1)
    async with scene.owner.transaction():
        await scene.owner.execute("select from scenario_notifications for update")
        async with scene.worker() as victim:
            await scene.hook.wait_for(1)
            await locks_awaited(scene.owner)
            await kill(victim)
    # What waited for the lock goes on in the database, or is given up with its connection: both leave one story.
    idle = "select not exists (select from pg_stat_activity where application_name = 'casebase' and state = 'active')"
    await eventually(lambda: scene.owner.fetchval(idle))
    await scene.leases_end()
    await scene.next_worker_sends(keys)


async def test_killed_again_and_again_in_the_middle_of_many(scene: Scene, pending: Pending) -> None:
    keys = await pending(40)
    # Killed as soon as the next few were received: some are answered then, some recorded, some neither.
    for received in (1, 9, 25):
        async with scene.worker() as victim:
            await scene.hook.wait_for(received)
            await kill(victim)
    await scene.next_worker_sends(keys)
