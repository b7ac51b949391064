"""What dies when: workers killed, frozen, asked to stop; the database restarted under them."""

from __future__ import annotations

import asyncio
import signal
from pathlib import Path

import asyncpg

from casebase.kernel.config import Settings
from casebase.kernel.db import Database
from casebase.kernel.jobs import Queues
from casebase.kernel.migrate import migrate_up
from casebase.kernel.platform.embedded import EmbeddedServer
from casebase.kernel.runtime import Runtime
from tests.kernel.jobs.conftest import install_toy
from tests.kernel.jobs.handlers import TOY, WORK
from tests.kernel.jobs.support import Gate, worker_process, working
from tests.support.waiting import eventually


async def starts(owner: asyncpg.Connection) -> list[int]:
    return [row[0] for row in await owner.fetch("select pid from toy.starts order by read_ct")]


async def effects(owner: asyncpg.Connection) -> list[tuple[int, int]]:
    return [tuple(row) for row in await owner.fetch("select msg_id, read_ct from toy.effects order by 1")]


async def test_a_killed_workers_job_is_run_again_and_has_its_effect_once(
    owner: asyncpg.Connection, runtime: Runtime, queues: Queues, api_url: str, gate: Gate
) -> None:
    await gate.close()
    msg_id = await queues.enqueue(WORK, {"gate": gate.number})
    async with worker_process(api_url, lease_s=2) as victim:
        await eventually(lambda: starts(owner))
        victim.send(signal.SIGKILL)
        assert await victim.exit_status() == -signal.SIGKILL
    await gate.open()
    async with working(runtime):
        await eventually(lambda: effects(owner))
    assert len(await starts(owner)) == 2
    assert await effects(owner) == [(msg_id, 2)]
    assert await queues.list_jobs(WORK) == []


async def test_a_frozen_worker_that_wakes_late_changes_nothing(
    owner: asyncpg.Connection, runtime: Runtime, queues: Queues, api_url: str, gate: Gate
) -> None:
    await gate.close()
    msg_id = await queues.enqueue(WORK, {"gate": gate.number})
    async with worker_process(api_url, lease_s=2) as frozen:
        await eventually(lambda: starts(owner))
        frozen.send(signal.SIGSTOP)
        await gate.open()
        async with working(runtime):
            await eventually(lambda: effects(owner))
        frozen.send(signal.SIGCONT)
        await frozen.says("job_lost")
        frozen.send(signal.SIGTERM)
        assert await frozen.exit_status() == 0
    assert await effects(owner) == [(msg_id, 2)]
    assert await queues.list_jobs(WORK) == []


class TestSigterm:
    async def test_running_jobs_end_and_no_other_begins(
        self, owner: asyncpg.Connection, queues: Queues, api_url: str, gate: Gate
    ) -> None:
        await gate.close()
        running = await queues.enqueue(WORK, {"gate": gate.number})
        async with worker_process(api_url) as worker:
            await eventually(lambda: starts(owner))
            worker.send(signal.SIGTERM)
            await worker.says("worker_stopping")
            next_one = await queues.enqueue(WORK, {})
            await gate.open()
            assert await worker.exit_status() == 0
        assert await effects(owner) == [(running, 1)]
        assert [(job.job_id, job.job_state) for job in await queues.list_jobs(WORK)] == [(next_one, "ready")]

    async def test_jobs_that_outlast_the_grace_are_given_back_at_once(
        self, owner: asyncpg.Connection, queues: Queues, api_url: str
    ) -> None:
        msg_id = await queues.enqueue(WORK, {"do": "sleep"})
        async with worker_process(api_url, lease_s=3600, grace_s=0.1) as worker:
            await eventually(lambda: starts(owner))
            worker.send(signal.SIGTERM)
            assert await worker.exit_status() == 0
        assert [(job.job_id, job.job_state) for job in await queues.list_jobs(WORK)] == [(msg_id, "ready")]


async def test_work_goes_on_after_the_database_was_restarted(casebase_home: Path) -> None:
    server = EmbeddedServer(casebase_home)
    owner_url = await asyncio.to_thread(server.ensure)
    await migrate_up(owner_url, ())
    url = await server.set_login_password()
    owner = await asyncpg.connect(owner_url)
    await install_toy(owner)
    await owner.close()

    async with await Database.connect(url) as database:
        queues = Queues(database)
        ids = [await queues.enqueue(WORK, {}) for _ in range(300)]
        async with working(Runtime(Settings(), (TOY,), database, url), lease_s=2, poll_s=1):
            await asyncio.to_thread(server.stop)
            await asyncio.to_thread(server.ensure)
            owner = await asyncpg.connect(owner_url)

            async def all_done() -> bool:
                return await owner.fetchval("select count(*) from pgmq.q_toy_work") == 0

            await eventually(all_done)
        done = [msg_id for msg_id, _ in await effects(owner)]
        await owner.close()
    assert done == ids
