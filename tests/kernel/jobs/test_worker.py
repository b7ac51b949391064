"""The worker: every job's effect once, retries, dead letters, leases, pauses, drain."""

from __future__ import annotations

import dataclasses

import asyncpg
import pytest

from casebase.kernel.errors import ConfigurationError
from casebase.kernel.jobs import Queues, Worker
from casebase.kernel.module import JobHandler
from casebase.kernel.runtime import Runtime
from tests.kernel.jobs.handlers import TOY, WORK
from tests.kernel.jobs.support import Gate, working
from tests.support.waiting import eventually, locks_awaited


async def effects(owner: asyncpg.Connection) -> list[int]:
    return [row[0] for row in await owner.fetch("select msg_id from toy.effects order by 1")]


def with_handler(runtime: Runtime, **changes: object) -> Runtime:
    handler = dataclasses.replace(TOY.jobs[0], **changes)  # type: ignore[arg-type]
    return dataclasses.replace(runtime, modules=(dataclasses.replace(TOY, jobs=(handler,)),))


async def test_each_job_has_its_effect_once(
    owner: asyncpg.Connection, runtime: Runtime, queues: Queues
) -> None:
    ids = [await queues.enqueue(WORK, {}) for _ in range(50)]
    await Worker(runtime, [WORK]).drain()
    assert await effects(owner) == ids
    assert await queues.list_jobs(WORK) == []


async def test_several_workers_share_the_jobs(
    owner: asyncpg.Connection, runtime: Runtime, queues: Queues
) -> None:
    async with working(runtime), working(runtime), working(runtime):
        ids = [await queues.enqueue(WORK, {}) for _ in range(100)]

        async def all_done() -> bool:
            return len(await effects(owner)) >= len(ids)

        await eventually(all_done)
    assert await effects(owner) == ids


async def test_jobs_without_a_result_are_acknowledged(runtime: Runtime, queues: Queues) -> None:
    for _ in range(50):
        await queues.enqueue(WORK, {"do": "nothing"})
    await Worker(runtime, [WORK]).drain()
    assert await queues.list_jobs(WORK) == []


async def test_no_more_run_at_once_than_the_queue_allows(
    owner: asyncpg.Connection, runtime: Runtime, queues: Queues, gate: Gate
) -> None:
    await gate.close()
    for _ in range(10):
        await queues.enqueue(WORK, {"gate": gate.number})
    async with working(with_handler(runtime, concurrency=3)):
        await locks_awaited(owner, 3)
        assert await owner.fetchval("select count(*) from toy.starts") == 3
        await gate.open()


class TestFailure:
    async def test_retried_then_dead_with_a_scrubbed_error(
        self, owner: asyncpg.Connection, runtime: Runtime, queues: Queues
    ) -> None:
        msg_id = await queues.enqueue(WORK, {"do": "raise"})
        # Neither polling nor the end of the lease would bring the retries in time.
        async with working(runtime, lease_s=300, poll_s=300):

            async def is_dead() -> bool:
                return bool(await queues.list_jobs(WORK, state="dead"))

            await eventually(is_dead)
        [job] = await queues.list_jobs(WORK)
        assert (job.job_id, job.attempts, job.error_code) == (msg_id, 3, "job_failed")
        assert job.error is not None
        assert job.error.startswith("ValueError: no reply from [email], [phone]")
        assert [row[0] for row in await owner.fetch("select read_ct from toy.starts order by 1")] == [1, 2, 3]

    async def test_input_that_does_not_fit_is_named_not_quoted(
        self, runtime: Runtime, queues: Queues
    ) -> None:
        await queues.enqueue(WORK, {"do": "misread"})
        await Worker(with_handler(runtime, max_attempts=1), [WORK]).drain()
        [job] = await queues.list_jobs(WORK, state="dead")
        assert job.error is not None
        assert job.error.startswith("ValidationError: age int_parsing")
        assert "Rachel" not in job.error

    async def test_a_refused_result_counts(
        self, owner: asyncpg.Connection, runtime: Runtime, queues: Queues
    ) -> None:
        await queues.enqueue(WORK, {"function": "record_then_fail"})
        await Worker(with_handler(runtime, max_attempts=1), [WORK]).drain()
        [job] = await queues.list_jobs(WORK, state="dead")
        assert job.error_code == "toy_refused"
        assert await effects(owner) == []

    async def test_what_nobody_can_read_stops_nobody_else(
        self, owner: asyncpg.Connection, runtime: Runtime, queues: Queues
    ) -> None:
        await owner.execute("update casebase.queues set max_attempts = 1 where name = $1", WORK)
        unreadable = await owner.fetchval("select pgmq.send($1, '{\"n\": 1e5000}'::jsonb)", WORK)
        readable = await queues.enqueue(WORK, {})
        await Worker(with_handler(runtime, max_attempts=1), [WORK]).drain()
        [job] = await queues.list_jobs(WORK)
        assert (job.job_id, job.job_state, job.error_code) == (unreadable, "dead", "job_unreadable")
        assert await effects(owner) == [readable]

    async def test_too_long_counts(self, runtime: Runtime, queues: Queues) -> None:
        await queues.enqueue(WORK, {"do": "sleep"})
        await Worker(with_handler(runtime, max_attempts=1, timeout_s=1), [WORK]).drain()
        [job] = await queues.list_jobs(WORK)
        assert job.error_code == "job_timeout"

    @pytest.mark.parametrize(
        ("doing", "code"), [("raise garbage", "job_failed"), ("cancel", "job_cancelled")]
    )
    async def test_no_handler_stops_the_worker(
        self, owner: asyncpg.Connection, runtime: Runtime, queues: Queues, doing: str, code: str
    ) -> None:
        await queues.enqueue(WORK, {"do": doing})
        after = await queues.enqueue(WORK, {})
        await Worker(with_handler(runtime, max_attempts=1, concurrency=1), [WORK]).drain()
        assert [job.error_code for job in await queues.list_jobs(WORK)] == [code]
        assert await effects(owner) == [after]

    async def test_a_job_whose_workers_all_died_is_not_started_again(
        self, owner: asyncpg.Connection, runtime: Runtime, queues: Queues
    ) -> None:
        await queues.enqueue(WORK, {})
        for _ in range(3):
            assert await queues.read(WORK, 1, 0)
        await Worker(runtime, [WORK]).drain()
        [job] = await queues.list_jobs(WORK)
        assert (job.job_state, job.attempts, job.error_code) == ("dead", 3, "job_abandoned")
        assert await owner.fetchval("select count(*) from toy.starts") == 0

    async def test_the_delay_doubles_with_each_attempt(
        self, owner: asyncpg.Connection, queues: Queues
    ) -> None:
        await owner.execute("update casebase.queues set backoff_s = 100")
        await queues.enqueue(WORK, {})
        for attempt, (least, most) in {1: (70, 100), 2: (145, 200)}.items():
            [job] = await queues.read(WORK, 1, 30)
            assert job.attempt == attempt
            assert await queues.fail(job, "job_failed", "") == "retry"
            due_in_s = await queues.seconds_until_due(WORK)
            assert due_in_s is not None
            assert least < due_in_s <= most
            assert [status.job_state for status in await queues.list_jobs(WORK)] == ["retrying"]
            await owner.execute("update pgmq.q_toy_work set vt = clock_timestamp()")

    async def test_a_requeued_job_starts_afresh(
        self, owner: asyncpg.Connection, runtime: Runtime, queues: Queues
    ) -> None:
        await queues.create(WORK, 1)
        msg_id = await queues.enqueue(WORK, {})
        [job] = await queues.read(WORK, 1, 30)
        assert await queues.fail(job, "job_failed", "") == "dead"
        [renewed] = await queues.requeue(WORK, [msg_id])
        await Worker(runtime, [WORK]).drain()
        assert await effects(owner) == [renewed]
        assert await queues.list_jobs(WORK) == []


class TestLease:
    async def test_renewed_while_the_job_runs(
        self, owner: asyncpg.Connection, runtime: Runtime, queues: Queues, gate: Gate
    ) -> None:
        await gate.close()
        await queues.enqueue(WORK, {"gate": gate.number})
        async with working(runtime, lease_s=3):
            first = await eventually(
                lambda: owner.fetchval("select vt from pgmq.q_toy_work where read_ct = 1")
            )

            async def outlived() -> bool:
                vt = await owner.fetchval("select vt from pgmq.q_toy_work")
                return (vt - first).total_seconds() > 3

            await eventually(outlived)
            assert await queues.read(WORK, 1, 1) == []
            await gate.open()
        assert await owner.fetchval("select count(*) from toy.starts") == 1

    async def test_a_job_that_another_worker_took_is_stopped(
        self, owner: asyncpg.Connection, runtime: Runtime, queues: Queues
    ) -> None:
        await queues.enqueue(WORK, {"do": "sleep"})
        async with working(runtime, lease_s=1):
            await eventually(lambda: owner.fetchval("select count(*) from toy.starts"))
            taken = "update pgmq.q_toy_work set read_ct = 9, vt = now() + interval '1 hour' returning msg_id"
            await owner.fetchval(taken)
        # Leaving the block waits for the handler, which sleeps for an hour unless it is stopped.
        assert await owner.fetchval("select read_ct from pgmq.q_toy_work") == 9


class TestWaking:
    async def test_a_notification_wakes_an_idle_worker(
        self, owner: asyncpg.Connection, runtime: Runtime, queues: Queues
    ) -> None:
        async with working(runtime, poll_s=3600):
            for _ in range(3):
                msg_id = await queues.enqueue(WORK, {})

                async def is_done(msg_id: int = msg_id) -> bool:
                    return msg_id in await effects(owner)

                await eventually(is_done)

    async def test_polling_finds_what_no_notification_told(
        self, owner: asyncpg.Connection, runtime: Runtime
    ) -> None:
        async with working(runtime, poll_s=0.1):
            msg_id = await owner.fetchval("select pgmq.send($1, '{}'::jsonb, 0)", WORK)

            async def is_done() -> bool:
                return await effects(owner) == [msg_id]

            await eventually(is_done)

    async def test_the_listener_comes_back(
        self, owner: asyncpg.Connection, runtime: Runtime, queues: Queues
    ) -> None:
        listener = """
            select pid from pg_stat_activity
            where application_name = 'casebase_jobs listener' and datname = current_database()"""
        async with working(runtime, poll_s=3600):
            pid = await eventually(lambda: owner.fetchval(listener))
            await owner.execute("select pg_terminate_backend($1)", pid)

            async def is_another() -> bool:
                return await owner.fetchval(listener) not in (None, pid)

            await eventually(is_another)
            msg_id = await queues.enqueue(WORK, {})

            async def is_done() -> bool:
                return await effects(owner) == [msg_id]

            await eventually(is_done)


class TestPause:
    async def test_a_paused_queue_hands_out_nothing_until_resumed(
        self, owner: asyncpg.Connection, runtime: Runtime, queues: Queues
    ) -> None:
        await queues.pause(WORK)
        msg_id = await queues.enqueue(WORK, {})
        await Worker(runtime, [WORK]).drain()
        assert await effects(owner) == []
        async with working(runtime, poll_s=3600):
            await queues.resume(WORK)

            async def is_done() -> bool:
                return await effects(owner) == [msg_id]

            await eventually(is_done)


class TestDrain:
    async def test_leaves_jobs_that_wait_for_a_later_time(
        self, owner: asyncpg.Connection, runtime: Runtime, queues: Queues
    ) -> None:
        now = await queues.enqueue(WORK, {})
        later = await queues.enqueue(WORK, {}, delay_s=3600)
        await Worker(runtime, [WORK]).drain()
        assert await effects(owner) == [now]
        assert [job.job_id for job in await queues.list_jobs(WORK)] == [later]

    async def test_drop_deletes_what_waits_and_leaves_what_runs(self, queues: Queues) -> None:
        await queues.enqueue(WORK, {})
        [running] = await queues.read(WORK, 1, 30)
        for delay_s in (0, 0, 3600):
            await queues.enqueue(WORK, {}, delay_s=delay_s)
        assert await queues.drop(WORK) == 3
        assert [job.job_id for job in await queues.list_jobs(WORK)] == [running.msg_id]


def test_a_queue_that_no_module_handles_is_refused(runtime: Runtime) -> None:
    with pytest.raises(ConfigurationError, match="no_such_queue"):
        Worker(runtime, ["no_such_queue"])


def test_a_handler_that_cannot_be_loaded_is_refused(runtime: Runtime) -> None:
    broken = dataclasses.replace(TOY, jobs=(JobHandler("broken", "tests.kernel.jobs.handlers:missing"),))
    with pytest.raises(ConfigurationError, match="missing"):
        Worker(dataclasses.replace(runtime, modules=(broken,)))
