"""A run in batches comes to what one go does; its key goes on where it stopped and ends once."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any
from uuid import uuid4

import asyncpg
import pytest

from casebase.kernel.db import Session
from casebase.modules.notifications.evaluation import in_batches
from tests.notifications.conftest import TODAY, Evaluate, MakeMentor, People
from tests.notifications.facts import configure
from tests.notifications.many_mentors import make_many_mentors


async def some_mentors(make_mentor: MakeMentor) -> None:
    for number in range(7):
        await make_mentor(10 * (number % 2), last_active=20 + 5 * number)


def summed(batches: list[dict[str, Any]]) -> dict[str, dict[str, int]]:
    total: dict[str, dict[str, int]] = {}
    for batch in batches:
        for scenario, outcomes in batch["scenarios"].items():
            for outcome, count in outcomes.items():
                total.setdefault(scenario, {}).setdefault(outcome, 0)
                total[scenario][outcome] += count
    return total


@pytest.mark.parametrize("limit", [1, 3, 7, 8])
async def test_batches_come_to_what_one_go_does(
    owner: asyncpg.Connection, make_mentor: MakeMentor, evaluate: Evaluate, people: People, limit: int
) -> None:
    await some_mentors(make_mentor)
    organization = people.default_tenant
    whole = await evaluate(organization_id=organization, dry_run=True)

    dry: list[dict[str, Any]] = [{"cursor": None, "is_more": True, "scenarios": {}, "evaluated": 0}]
    while dry[-1]["is_more"]:
        cursor = {"cursor": dry[-1]["cursor"]} if dry[-1]["cursor"] else {}
        dry.append(await evaluate(organization_id=organization, dry_run=True, limit=limit, **cursor))
    assert summed(dry) == whole["scenarios"]
    assert sum(batch["evaluated"] for batch in dry) == whole["evaluated"]

    written: list[dict[str, Any]] = [{"is_more": True, "scenarios": {}, "run_ids": []}]
    while written[-1]["is_more"]:
        written.append(await evaluate(organization_id=organization, limit=limit, run_key="run"))
    assert summed(written) == whole["scenarios"]
    [run] = await owner.fetch("select * from scenario_evaluation_runs")
    assert run["evaluated_count"] == whole["evaluated"]
    assert run["finished_at"] is not None
    assert {run_id for batch in written for run_id in batch["run_ids"]} == {str(run["id"])}


async def test_a_finished_run_does_nothing_more(
    owner: asyncpg.Connection, make_mentor: MakeMentor, evaluate: Evaluate, people: People
) -> None:
    await make_mentor(last_active=40)
    first = await evaluate(organization_id=people.default_tenant, run_key="run")
    await make_mentor(last_active=40)
    again = await evaluate(
        organization_id=people.default_tenant, run_key="run", now=TODAY + timedelta(days=90)
    )
    assert again == first | {"evaluated": 0, "scenarios": {}}
    assert await owner.fetchval("select count(*) from scenario_notifications") == 1


async def test_it_goes_on_as_it_began(
    owner: asyncpg.Connection, make_mentor: MakeMentor, evaluate: Evaluate, people: People
) -> None:
    for _ in range(3):
        await make_mentor(10, last_active=40)
    organization = people.default_tenant
    await evaluate(organization_id=organization, scenario_types=["inactivity"], limit=2, run_key="run")
    await evaluate(organization_id=organization, limit=2, run_key="run", now=TODAY + timedelta(days=1))
    rows = await owner.fetch("select distinct scenario_type, triggered_at from scenario_notifications")
    assert [tuple(row) for row in rows] == [("inactivity", TODAY)]


async def test_it_goes_on_without_what_was_switched_off(
    owner: asyncpg.Connection, make_mentor: MakeMentor, evaluate: Evaluate, people: People
) -> None:
    for _ in range(3):
        await make_mentor(10, last_active=40)
    asked: dict[str, Any] = {"organization_id": people.default_tenant, "limit": 2, "run_key": "run"}
    await evaluate(**asked, scenario_types=["inactivity", "milestone"])
    await configure(owner, "milestone", enabled=False)
    batch = await evaluate(**asked)
    while batch["is_more"]:
        assert "milestone" not in batch["scenarios"]
        batch = await evaluate(**asked)
    counts = dict(await owner.fetch("select scenario_type, count(*) from scenario_notifications group by 1"))
    assert counts["inactivity"] == 3
    assert await owner.fetchval("select finished_at from scenario_evaluation_runs") is not None


async def test_it_ends_when_all_of_it_was_switched_off(
    owner: asyncpg.Connection, make_mentor: MakeMentor, evaluate: Evaluate, people: People
) -> None:
    for _ in range(3):
        await make_mentor(10, last_active=40)
    asked: dict[str, Any] = {"organization_id": people.default_tenant, "limit": 1, "run_key": "run"}
    begun = await evaluate(**asked, scenario_types=["milestone"])
    assert begun["is_more"]
    await configure(owner, "milestone", enabled=False)
    assert await evaluate(**asked) == begun | {
        "evaluated": 0,
        "scenarios": {},
        "is_more": False,
        "cursor": None,
    }
    run = await owner.fetchrow("select evaluated_count, finished_at from scenario_evaluation_runs")
    assert run["evaluated_count"] == 1
    assert run["finished_at"] is not None
    await configure(owner, "milestone")
    assert (await evaluate(**asked))["evaluated"] == 0


async def test_a_batch_is_never_larger_than_the_organisation_has_it(
    owner: asyncpg.Connection, service: Session, people: People
) -> None:
    await make_many_mentors(owner, 400, 4000)
    await configure(owner, "milestone", batch_size=100)
    asked = {
        "organization_id": str(people.default_tenant),
        "scenario_types": ["milestone"],
        "run_key": str(uuid4()),
    }
    batches = [batch async for batch in in_batches(service, asked)]
    count = await owner.fetchval(
        "select count(*) from tenant_users where tenant_id = $1", people.default_tenant
    )
    assert [batch["evaluated"] for batch in batches] == [100] * (count // 100) + [count % 100]
    assert [batch["is_more"] for batch in batches] == [True] * (count // 100) + [False]


async def test_engines_that_share_a_run_share_its_work(
    owner: asyncpg.Connection, make_mentor: MakeMentor, service: Session, people: People
) -> None:
    await some_mentors(make_mentor)
    payload = {
        "organization_id": str(people.default_tenant), "now": TODAY.isoformat(), "limit": 1, "run_key": "run"
    }  # fmt: skip
    replies = await asyncio.gather(
        *(service.call("evaluate_scenarios", {"payload": payload}) for _ in range(20))
    )
    assert sum(reply["evaluated"] for reply in replies) == 9
    assert len({run_id for reply in replies for run_id in reply["run_ids"]}) == 1
    run = await owner.fetchrow("select evaluated_count, finished_at from scenario_evaluation_runs")
    assert run["evaluated_count"] == 9
    assert run["finished_at"] is not None
