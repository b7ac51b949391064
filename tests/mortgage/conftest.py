"""A migrated database, and everyone who may come to it."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from casebase.kernel.clock import Clock
from casebase.kernel.config import load_settings
from casebase.kernel.db import Database, Principal, Session
from casebase.kernel.jobs import Job, JobContext
from casebase.kernel.runtime import Runtime
from casebase.modules.mortgage import MODULE
from casebase.modules.mortgage.jobs import calculate
from tests.conftest import MakePerson
from tests.mortgage.leads import lead

JWT_SECRET = "a secret of the tests, long enough for HS256"


@pytest.fixture
def runtime(api: Database, api_url: str) -> Runtime:
    """The runtime of a process on the test's database."""
    return Runtime(
        settings=load_settings(public_rate_limit="10000/minute"),
        modules=(MODULE,),
        database=api,
        direct_url=api_url,
        jwt_secret=JWT_SECRET,
        session_secret="another secret of the tests",
    )


@pytest.fixture
def open_case(service: Session) -> Callable[..., Awaitable[dict[str, Any]]]:
    """Open a case from a lead with changes; return what the RPC answered."""

    async def open_one(**changes: Any) -> dict[str, Any]:
        answer = await service.call("create_scenario_case", {"payload": lead(changes.get("changes"))})
        assert isinstance(answer, dict)
        return answer

    return open_one


@pytest.fixture
def advise_case(
    owner: asyncpg.Connection, runtime: Runtime, service: Session
) -> Callable[[dict[str, Any]], Awaitable[None]]:
    """Run the calculation of an opened case and save its result, as the worker does."""

    async def advise(opened: dict[str, Any]) -> None:
        payload = {"case_id": opened["case_id"], "input_version": opened["input_version"]}
        job = Job("mortgage_calculation", opened["job_id"], 1, payload, Clock().now())
        completion = await calculate(job, JobContext(runtime, service))
        assert completion.function == "mortgage.save_calculation"
        async with owner.transaction():
            await owner.execute("set local role service_role")
            await owner.execute(
                "select mortgage.save_calculation($1::jsonb)", json.dumps(completion.arguments)
            )

    return advise


@dataclass(frozen=True)
class People:
    """Who may come: staff of the default tenant, of another one, and somebody of none."""

    default_tenant: UUID
    other_tenant: UUID
    admin: Principal
    broker: Principal
    member: Principal
    other_admin: Principal
    stranger: Principal


@pytest.fixture
async def people(owner: asyncpg.Connection, make_person: MakePerson) -> People:
    default = await owner.fetchval("select id from public.tenants where slug = 'default'")
    other = await owner.fetchval(
        "insert into public.tenants (slug, name) values ('other', 'Other') returning id"
    )

    return People(
        default_tenant=default,
        other_tenant=other,
        admin=await make_person(default, "admin"),
        broker=await make_person(default, "broker"),
        member=await make_person(default, "member"),
        other_admin=await make_person(other, "admin"),
        stranger=await make_person(None, ""),
    )
