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
from casebase.kernel.db import Principal, Session
from casebase.kernel.jobs import Job, JobContext
from casebase.kernel.module import Module
from casebase.kernel.runtime import Runtime
from casebase.modules.mortgage import MODULE
from casebase.modules.mortgage.jobs import calculate
from tests.conftest import MakePerson, Tenants
from tests.mortgage.leads import lead


@pytest.fixture
def modules() -> tuple[Module, ...]:
    return (MODULE,)


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
async def people(tenants: Tenants, make_person: MakePerson) -> People:
    return People(
        default_tenant=tenants.default,
        other_tenant=tenants.other,
        admin=await make_person(tenants.default, "admin"),
        broker=await make_person(tenants.default, "broker"),
        member=await make_person(tenants.default, "member"),
        other_admin=await make_person(tenants.other, "admin"),
        stranger=await make_person(None, ""),
    )
