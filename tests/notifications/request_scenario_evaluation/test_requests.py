"""An administrator has their organisation evaluated now, at most once a minute; nobody else has."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import asyncpg
import pytest

from casebase.kernel.db import ANON, SERVICE, Database, Principal
from casebase.kernel.jobs import Worker
from casebase.kernel.runtime import Runtime
from tests.conftest import MakePerson
from tests.notifications.conftest import MakeMentor, People
from tests.notifications.facts import configure
from tests.support.refusals import refusal_of, wrong_fields

QUEUE = "notifications_evaluate"
SCENARIOS = ["certification_expiry", "inactivity", "milestone", "welcome_back"]


async def request(
    api: Database, principal: Principal, people: People, scenario_types: list[str] | None = None
) -> list[dict[str, Any]]:
    """Ask for the default tenant's evaluation; return the jobs."""
    arguments = {"organization_id": people.default_tenant, "scenario_types": scenario_types}
    reply = await api.session(principal).call("request_scenario_evaluation", arguments)
    jobs: list[dict[str, Any]] = reply["jobs"]
    return jobs


@pytest.fixture
async def a_minute_later(api_url: str) -> AsyncIterator[Database]:
    async with await Database.connect(api_url, clock_offset=timedelta(minutes=1)) as database:
        yield database


async def test_who_is_due_is_notified(
    owner: asyncpg.Connection, api: Database, runtime: Runtime, people: People, make_mentor: MakeMentor
) -> None:
    await make_mentor(10)
    jobs = await request(api, people.admin, people)
    assert [job["scenario_type"] for job in jobs] == SCENARIOS
    await Worker(runtime, [QUEUE]).drain()
    assert await owner.fetchval("select count(*) from scenario_notifications where milestone_value = 10") == 1
    runs = await owner.fetch("select run_key from scenario_evaluation_runs where finished_at is not null")
    assert {run["run_key"] for run in runs} == {job["run_key"] for job in jobs}


@pytest.mark.parametrize("role", ["owner", "admin", "service"])
async def test_who_may(api: Database, people: People, make_person: MakePerson, role: str) -> None:
    principal = SERVICE if role == "service" else await make_person(people.default_tenant, role)
    assert [job["scenario_type"] for job in await request(api, principal, people, ["milestone"])] == [
        "milestone"
    ]


async def test_of_fifty_within_the_minute_there_is_one_job_for_each_scenario(
    owner: asyncpg.Connection, api: Database, a_minute_later: Database, people: People
) -> None:
    found = await asyncio.gather(*(request(a_minute_later, people.admin, people) for _ in range(50)))
    assert all(jobs == found[0] for jobs in found)
    assert await owner.fetchval(f"select count(*) from pgmq.q_{QUEUE}") == 4
    assert await request(api, people.admin, people) != found[0]


async def test_what_the_organisation_disabled_is_left_out(
    owner: asyncpg.Connection, api: Database, people: People
) -> None:
    await configure(owner, "milestone", enabled=False)
    assert [job["scenario_type"] for job in await request(api, people.admin, people)] == [
        scenario for scenario in SCENARIOS if scenario != "milestone"
    ]
    assert await request(api, people.admin, people, ["milestone"]) == []


@pytest.mark.parametrize(
    ("who", "status", "code"),
    [
        ("member", 403, "administrator_required"),
        ("other_admin", 404, "organization_not_found"),
        ("stranger", 404, "organization_not_found"),
    ],
)
async def test_nobody_else(
    owner: asyncpg.Connection, api: Database, people: People, who: str, status: int, code: str
) -> None:
    refused = await refusal_of(
        owner,
        api.session(getattr(people, who)),
        "request_scenario_evaluation",
        organization_id=people.default_tenant,
    )
    assert (refused.status, refused.code) == (status, code)


async def test_no_anonymous_caller(owner: asyncpg.Connection, api: Database, people: People) -> None:
    refused = await refusal_of(
        owner, api.session(ANON), "request_scenario_evaluation", organization_id=people.default_tenant
    )
    assert refused.status in {401, 403}


@pytest.mark.parametrize("scenario_types", [[], ["birthday"], [None], ["milestone"] * 5])
async def test_scenarios_that_there_are_not(
    owner: asyncpg.Connection, api: Database, people: People, scenario_types: list[Any]
) -> None:
    refused = await refusal_of(
        owner,
        api.session(people.admin),
        "request_scenario_evaluation",
        organization_id=people.default_tenant,
        scenario_types=scenario_types,
    )
    assert {field.partition("[")[0] for field in wrong_fields(refused)} == {"scenario_types"}
