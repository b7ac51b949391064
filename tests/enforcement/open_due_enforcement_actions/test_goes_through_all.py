"""The nightly round gives every case what is due, in batches; running it again changes nothing."""

from __future__ import annotations

from typing import Any

import asyncpg
import pytest

from casebase.kernel.clock import Clock
from casebase.kernel.db import Session
from casebase.kernel.jobs import Job, JobContext
from casebase.kernel.runtime import Runtime
from casebase.modules.enforcement.playbook import open_actions
from tests.enforcement.conftest import MakeJudgment, OpenCase, People

OPEN = "open_due_enforcement_actions"
COUNT = "select count(*) from enforcement_actions"


@pytest.fixture
async def cases(
    service: Session, people: People, make_judgment: MakeJudgment, open_case: OpenCase
) -> list[str]:
    """Five cases for which two actions each are due, the last one another tenant's."""
    opened = []
    for tenant_id in (*[people.default_tenant] * 4, people.other_tenant):
        case_id = await open_case(await make_judgment(tenant_id=tenant_id), tier="tier3")
        await service.call(
            "set_enforcement_stage", {"payload": {"case_id": case_id, "stage": "asset_search"}}
        )
        opened.append(case_id)
    return opened


async def test_in_batches_by_id(owner: asyncpg.Connection, service: Session, cases: list[str]) -> None:
    first = await service.call(OPEN, {"batch_limit": 2})
    assert first == {"opened": 4, "after": sorted(cases)[1]}
    second = await service.call(OPEN, {"batch_limit": 2, "after": first["after"]})
    third = await service.call(OPEN, {"batch_limit": 2, "after": second["after"]})
    assert third == {"opened": 2, "after": None}
    assert await owner.fetchval(COUNT) == 10
    assert await service.call(OPEN) == {"opened": 0, "after": None}


async def test_of_one_tenant(
    owner: asyncpg.Connection, service: Session, people: People, cases: list[str]
) -> None:
    told = await service.call(OPEN, {"tenant_id": people.other_tenant})
    assert told == {"opened": 2, "after": None}
    of_case = await owner.fetch("select distinct enforcement_case_id::text from enforcement_actions")
    assert [row[0] for row in of_case] == cases[-1:]


async def test_a_case_that_somebody_holds_waits(
    owner: asyncpg.Connection, service: Session, cases: list[str]
) -> None:
    async with owner.transaction():
        await owner.execute("select from enforcement_cases where id = $1 for update", cases[0])
        assert (await service.call(OPEN))["opened"] == 8
    assert (await service.call(OPEN))["opened"] == 2


@pytest.mark.parametrize(
    ("payload", "count"), [({}, 10), ({"tenant_id": "other"}, 2), ({"case_id": "first"}, 2)]
)
async def test_the_worker_does_what_the_job_names(
    owner: asyncpg.Connection,
    runtime: Runtime,
    people: People,
    cases: list[str],
    payload: dict[str, Any],
    count: int,
) -> None:
    meant = {"other": str(people.other_tenant), "first": cases[0]}
    job = Job("enforce", 1, 1, {name: meant[word] for name, word in payload.items()}, Clock().now())
    for _ in range(2):
        await open_actions(job, JobContext(runtime, runtime.session()))
        assert await owner.fetchval(COUNT) == count
