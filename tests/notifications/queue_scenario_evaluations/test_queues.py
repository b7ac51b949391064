"""A tick queues one evaluation for each organisation and scenario, once an hour."""

from __future__ import annotations

import asyncio
import dataclasses
import json
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any
from uuid import uuid4

import asyncpg
import pytest

from casebase.kernel.config import load_settings
from casebase.kernel.db import SERVICE, Database, Session
from casebase.kernel.jobs import Scheduler, Worker
from casebase.kernel.jobs.scheduler import Schedules
from casebase.kernel.runtime import Runtime
from casebase.modules.notifications import MODULE
from tests.notifications.conftest import People
from tests.notifications.facts import configure
from tests.support.refusals import refusal, wrong_fields

QUEUE = "notifications_evaluate"


async def queued(owner: asyncpg.Connection) -> list[dict[str, Any]]:
    rows = await owner.fetch(f"select message from pgmq.q_{QUEUE} order by msg_id")
    return [json.loads(row["message"]) for row in rows]


@pytest.fixture
async def later(api_url: str) -> AsyncIterator[Session]:
    """The service, an hour later."""
    async with await Database.connect(api_url, clock_offset=timedelta(hours=1)) as database:
        yield database.session(SERVICE)


class TestQueueing:
    async def test_a_job_for_each_organisation_with_people_and_each_scenario(
        self, owner: asyncpg.Connection, service: Session, people: People
    ) -> None:
        await owner.execute("insert into tenants (slug, name) values ('empty', 'Empty')")
        reply = await service.call("queue_scenario_evaluations", {"payload": {}})
        assert reply == {"queued": 8}
        found = {(job["organization_id"], *job["scenario_types"]) for job in await queued(owner)}
        assert found == {
            (str(tenant), scenario)
            for tenant in (people.default_tenant, people.other_tenant)
            for scenario in ("inactivity", "milestone", "certification_expiry", "welcome_back")
        }

    async def test_of_one_organisation_and_some_scenarios(
        self, owner: asyncpg.Connection, service: Session, people: People
    ) -> None:
        payload = {"organization_id": str(people.other_tenant), "scenario_types": ["milestone", "milestone"]}
        assert await service.call("queue_scenario_evaluations", {"payload": payload}) == {"queued": 1}
        [job] = await queued(owner)
        assert (job["organization_id"], job["scenario_types"]) == (str(people.other_tenant), ["milestone"])

    async def test_what_an_organisation_disabled_is_left_out(
        self, owner: asyncpg.Connection, service: Session, people: People
    ) -> None:
        await configure(owner, "milestone", organization="other", enabled=False)
        await service.call("queue_scenario_evaluations", {"payload": {"scenario_types": ["milestone"]}})
        assert [job["organization_id"] for job in await queued(owner)] == [str(people.default_tenant)]

    async def test_the_same_hour_queues_nothing_twice_and_the_next_does(
        self, owner: asyncpg.Connection, service: Session, later: Session, people: People
    ) -> None:
        payload = {"payload": {"scenario_types": ["inactivity"]}}
        await asyncio.gather(*(later.call("queue_scenario_evaluations", payload) for _ in range(10)))
        assert len(await queued(owner)) == 2
        await service.call("queue_scenario_evaluations", payload)
        assert len(await queued(owner)) == 4
        assert len({job["run_key"] for job in await queued(owner)}) == 4

    @pytest.mark.parametrize(
        ("payload", "field"),
        [
            ({"scenario_types": ["birthday"]}, "scenario_types[0]"),
            ({"scenario_types": []}, "scenario_types"),
            ({"organization_id": "x"}, "organization_id"),
            ({"now": "2026-01-01T00:00:00Z"}, "now"),
        ],
    )
    async def test_what_says_nothing_sensible_is_refused(
        self, owner: asyncpg.Connection, service: Session, payload: dict[str, Any], field: str
    ) -> None:
        assert wrong_fields(await refusal(owner, service, "queue_scenario_evaluations", payload)) == [field]

    async def test_an_organisation_that_does_not_exist_is_refused(
        self, owner: asyncpg.Connection, service: Session
    ) -> None:
        refused = await refusal(
            owner, service, "queue_scenario_evaluations", {"organization_id": str(uuid4())}
        )
        assert (refused.status, refused.code) == (404, "organization_not_found")


class TestTicks:
    async def test_every_scenario_has_its_hourly_tick_and_a_replayed_one_evaluates_once(
        self, owner: asyncpg.Connection, api: Database, runtime: Runtime, people: People
    ) -> None:
        await Scheduler(runtime).sync()
        schedules = Schedules(api)
        ticks = [rule for rule in await schedules.list() if rule.queue == QUEUE]
        assert len(ticks) == 4
        for rule in ticks:
            for _ in range(2):
                await schedules.start(rule.name, rule.latest_tick)
            # As if another scheduler's clock had shown another minute.
            await schedules.start(rule.name, rule.latest_tick + timedelta(minutes=1))
        await Worker(runtime, [QUEUE]).drain()
        runs = await owner.fetch("select organization_id, scenario_types from scenario_evaluation_runs")
        assert sorted((str(run["organization_id"]), *run["scenario_types"]) for run in runs) == sorted(
            (str(tenant), *rule.payload["scenario_types"])
            for tenant in (people.default_tenant, people.other_tenant)
            for rule in ticks
        )
        assert await owner.fetchval("select count(*) from casebase.dead_jobs") == 0

    async def test_a_clock_that_is_moved_moves_the_hour(
        self, owner: asyncpg.Connection, api_url: str, runtime: Runtime, people: People
    ) -> None:
        settings = load_settings(clock_offset=timedelta(days=400))
        async with await Database.connect(api_url, clock_offset=settings.clock_offset) as database:
            moved = dataclasses.replace(runtime, settings=settings, database=database, modules=(MODULE,))
            await database.session(SERVICE).call("queue_scenario_evaluations", {"payload": {}})
            await Worker(moved, [QUEUE]).drain()
        assert await owner.fetchval(
            "select bool_and(evaluated_at > now() + interval '399 days') from scenario_evaluation_runs"
        )
