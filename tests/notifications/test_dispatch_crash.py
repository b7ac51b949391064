"""A worker killed at any point leaves each notification to the next one: each key one effect at its receiver."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import AsyncIterator
from datetime import UTC, datetime

import asyncpg
import pytest

from tests.conftest import At
from tests.notifications.conftest import TODAY, Evaluate, MakeMentor
from tests.notifications.dispatching import effects, job_count, retry_at_once, to_webhook, work
from tests.support.receiver import Receiver, receiver
from tests.support.requires import ROOT
from tests.support.waiting import eventually


@pytest.fixture
async def hook() -> AsyncIterator[Receiver]:
    async with receiver() as running:
        yield running


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


async def until(owner: asyncpg.Connection, condition: str) -> None:
    """Wait for a condition of the database."""
    await eventually(lambda: owner.fetchval(f"select {condition}"))


async def make_pending(
    owner: asyncpg.Connection, make_mentor: MakeMentor, evaluate: Evaluate, count: int
) -> set[str]:
    """Make so many pending notifications and return their keys."""
    await retry_at_once(owner)
    for _ in range(count):
        await make_mentor(last_active=40)
    await evaluate(scenario_types=["inactivity"])
    return {str(row[0]) for row in await owner.fetch("select id from scenario_notifications")}


async def are_all_sent_once(owner: asyncpg.Connection, hook: Receiver, keys: set[str]) -> None:
    assert effects(hook.received) == dict.fromkeys(keys, 1)
    rows = await owner.fetch("select distinct delivery_status from scenario_notifications")
    assert [row[0] for row in rows] == ["sent"]
    assert await job_count(owner) == 0


async def test_killed_before_it_sends(
    owner: asyncpg.Connection,
    api_url: str,
    at: At,
    hook: Receiver,
    make_mentor: MakeMentor,
    evaluate: Evaluate,
) -> None:
    keys = await make_pending(owner, make_mentor, evaluate, 1)
    async with owner.transaction():
        await owner.execute("lock table device_tokens in access exclusive mode")
        async with worker(api_url, hook) as victim:
            await until(owner, "exists (select from pg_locks where not granted)")
            await kill(victim)
    assert hook.received == []
    await until(owner, "(select bool_and(vt <= clock_timestamp()) from pgmq.q_notifications_dispatch)")
    await work(await at(**to_webhook(hook)))
    await are_all_sent_once(owner, hook, keys)


async def test_killed_while_it_waits_for_the_answer(
    owner: asyncpg.Connection,
    api_url: str,
    at: At,
    hook: Receiver,
    make_mentor: MakeMentor,
    evaluate: Evaluate,
) -> None:
    keys = await make_pending(owner, make_mentor, evaluate, 1)
    hook.answer = lambda _: None
    async with worker(api_url, hook) as victim:
        await hook.wait_for(1)
        await kill(victim)
    hook.answer = lambda _: 204
    await until(owner, "(select bool_and(vt <= clock_timestamp()) from pgmq.q_notifications_dispatch)")
    await work(await at(**to_webhook(hook)))
    assert len(hook.received) == 2
    await are_all_sent_once(owner, hook, keys)


async def test_killed_after_the_answer_and_before_it_is_recorded(
    owner: asyncpg.Connection,
    api_url: str,
    at: At,
    hook: Receiver,
    make_mentor: MakeMentor,
    evaluate: Evaluate,
) -> None:
    keys = await make_pending(owner, make_mentor, evaluate, 1)
    async with owner.transaction():
        await owner.execute("select from scenario_notifications for update")
        async with worker(api_url, hook) as victim:
            await hook.wait_for(1)
            await until(owner, "exists (select from pg_locks where not granted)")
            await kill(victim)
    # What waited for the lock goes on in the database, or is given up with its connection: both leave one story.
    await until(
        owner,
        "not exists (select from pg_stat_activity where application_name = 'casebase' and state = 'active')",
    )
    await until(
        owner, "coalesce((select bool_and(vt <= clock_timestamp()) from pgmq.q_notifications_dispatch), true)"
    )
    await work(await at(**to_webhook(hook)))
    await are_all_sent_once(owner, hook, keys)


async def test_killed_again_and_again_in_the_middle_of_many(
    owner: asyncpg.Connection,
    api_url: str,
    at: At,
    hook: Receiver,
    make_mentor: MakeMentor,
    evaluate: Evaluate,
) -> None:
    keys = await make_pending(owner, make_mentor, evaluate, 40)
    # Killed as soon as the next few were received: some are answered then, some recorded, some neither.
    for received in (1, 9, 25):
        async with worker(api_url, hook) as victim:
            await hook.wait_for(received)
            await kill(victim)
    last = await at(**to_webhook(hook))

    async def all_done() -> bool:
        await work(last)
        return await job_count(owner) == 0

    await eventually(all_done)
    await are_all_sent_once(owner, hook, keys)
