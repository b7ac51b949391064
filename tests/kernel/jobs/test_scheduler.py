"""The scheduler: one run per tick per cluster, missed ticks caught up with once."""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import asyncpg
import pytest

from casebase.kernel.config import Settings
from casebase.kernel.db import Database
from casebase.kernel.errors import ConfigurationError, RpcError
from casebase.kernel.jobs import Queues, Scheduler, Schedules, Worker
from casebase.kernel.module import Schedule
from casebase.kernel.runtime import Runtime
from tests.kernel.jobs.handlers import TOY, WORK
from tests.support.waiting import eventually

HOURLY = Schedule("toy_hourly", "0 * * * *", WORK, '{"do": "nothing"}')
TICK = datetime(2030, 1, 1, tzinfo=UTC)


def declaring(runtime: Runtime, *rules: Schedule) -> Runtime:
    return dataclasses.replace(runtime, modules=(dataclasses.replace(TOY, schedules=rules),))


@pytest.fixture
async def five_hours_on(api_url: str) -> AsyncIterator[Runtime]:
    """The same database, five hours later."""
    async with await Database.connect(api_url, clock_offset=timedelta(hours=5)) as database:
        yield declaring(Runtime(Settings(), (TOY,), database, api_url), HOURLY)


@pytest.fixture
async def hourly(runtime: Runtime) -> Scheduler:
    scheduler = Scheduler(declaring(runtime, HOURLY))
    await scheduler.sync()
    return scheduler


async def ticks(owner: asyncpg.Connection) -> list[datetime]:
    return [
        r[0]
        for r in await owner.fetch("select tick from casebase.schedule_runs where schedule = 'toy_hourly'")
    ]


class TestTick:
    async def test_fifty_schedulers_run_a_tick_once(
        self, hourly: Scheduler, db: Database, queues: Queues
    ) -> None:
        schedules = Schedules(db)
        started = await asyncio.gather(*(schedules.start("toy_hourly", TICK) for _ in range(50)))
        assert len([msg_id for msg_id in started if msg_id is not None]) == 1
        assert [job.payload for job in await queues.list_jobs(WORK)] == [{"do": "nothing"}]

    async def test_two_schedulers_side_by_side(
        self, owner: asyncpg.Connection, hourly: Scheduler, five_hours_on: Runtime, queues: Queues
    ) -> None:
        stop = asyncio.Event()
        running = [asyncio.create_task(Scheduler(five_hours_on).run(stop)) for _ in range(2)]
        await eventually(lambda: ticks(owner))
        stop.set()
        await asyncio.gather(*running)
        assert len(await queues.list_jobs(WORK)) == 1

    async def test_of_missed_ticks_the_latest_is_run(
        self, owner: asyncpg.Connection, hourly: Scheduler, five_hours_on: Runtime, queues: Queues
    ) -> None:
        scheduler = Scheduler(five_hours_on)
        await scheduler.tick()
        await scheduler.tick()
        now = await five_hours_on.database.pool.fetchval("select casebase.now()")
        assert await ticks(owner) == [now.replace(minute=0, second=0, microsecond=0)]
        assert len(await queues.list_jobs(WORK)) == 1

    async def test_no_tick_before_the_rule_was_there(
        self, owner: asyncpg.Connection, hourly: Scheduler
    ) -> None:
        assert 0 < await hourly.tick() <= 30
        assert await ticks(owner) == []

    async def test_the_job_is_run_by_a_worker(
        self, hourly: Scheduler, five_hours_on: Runtime, queues: Queues
    ) -> None:
        await Scheduler(five_hours_on).tick()
        await Worker(five_hours_on, [WORK]).drain()
        assert await queues.list_jobs(WORK) == []

    async def test_an_unknown_schedule_is_refused(self, db: Database) -> None:
        with pytest.raises(RpcError) as refusal:
            await Schedules(db).start("no_such_schedule", TICK)
        assert refusal.value.code == "schedule_not_found"


class TestSync:
    async def test_a_rule_no_longer_declared_is_disabled_and_not_run(
        self, owner: asyncpg.Connection, hourly: Scheduler, five_hours_on: Runtime
    ) -> None:
        without = Scheduler(declaring(five_hours_on))
        await without.sync()
        await without.tick()
        assert await ticks(owner) == []
        assert not await owner.fetchval("select is_enabled from casebase.schedules where name = 'toy_hourly'")

    async def test_a_rule_that_comes_back_does_not_run_what_it_missed(
        self, owner: asyncpg.Connection, runtime: Runtime, hourly: Scheduler, five_hours_on: Runtime
    ) -> None:
        await Scheduler(declaring(runtime)).sync()
        back = Scheduler(five_hours_on)
        await back.sync()
        await back.tick()
        assert await ticks(owner) == []

    async def test_other_modules_rules_are_left_alone(
        self, owner: asyncpg.Connection, runtime: Runtime, hourly: Scheduler
    ) -> None:
        await Scheduler(dataclasses.replace(runtime, modules=())).sync()
        assert await owner.fetchval("select is_enabled from casebase.schedules where name = 'toy_hourly'")

    async def test_declared_again_and_again_changes_nothing(
        self, owner: asyncpg.Connection, hourly: Scheduler
    ) -> None:
        rows = "select s, s.xmin from casebase.schedules s order by name"
        before = await owner.fetch(rows)
        await hourly.sync()
        assert await owner.fetch(rows) == before

    @pytest.mark.parametrize("cron", ["* * * *", "61 * * * *", "0 0 1 * * *", "daily"])
    def test_a_bad_cron_rule_is_refused(self, runtime: Runtime, cron: str) -> None:
        with pytest.raises(ConfigurationError, match="cron"):
            Scheduler(declaring(runtime, dataclasses.replace(HOURLY, cron=cron)))

    @pytest.mark.parametrize("payload", ["[]", "nonsense"])
    def test_a_bad_payload_is_refused(self, runtime: Runtime, payload: str) -> None:
        with pytest.raises(ConfigurationError, match="payload"):
            Scheduler(declaring(runtime, dataclasses.replace(HOURLY, payload=payload)))


class TestMaintenance:
    async def test_expired_rows_are_purged_and_others_kept(
        self, owner: asyncpg.Connection, runtime: Runtime, queues: Queues, db: Database
    ) -> None:
        await owner.execute("""
            insert into casebase.idempotency_keys (principal, function, key, request_hash, expires_at)
                select 'anon', 'f', n::text, '', now() + interval '1 hour' * case when n <= 2500 then -1 else 1 end
                from generate_series(1, 2600) n;
            insert into casebase.job_keys (queue, key, created_at)
                values ('toy_work', 'old', now() - interval '31 days'), ('toy_work', 'new', now());
        """)
        await Scheduler(runtime).sync()
        for name in ("purge_idempotency_keys", "purge_job_records"):
            await Schedules(db).start(name, TICK)
        await Worker(runtime, ["casebase_maintenance"]).drain()
        assert await queues.list_jobs("casebase_maintenance") == []
        assert await owner.fetchval("select count(*) from casebase.idempotency_keys") == 100
        assert await owner.fetchval("select array_agg(key) from casebase.job_keys") == ["new"]
