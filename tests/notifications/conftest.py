"""A migrated database, everyone who may come to it, and makers of what the rules look at."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from casebase.kernel.db import Principal, Session
from casebase.kernel.module import Module
from casebase.modules.notifications import MODULE
from tests.conftest import MakePerson, Tenants

TODAY = datetime(2026, 6, 15, 10, 0, tzinfo=UTC)
"""The moment that tests of the rules evaluate: a Monday, noon in Oslo."""

Evaluate = Callable[..., Awaitable[dict[str, Any]]]
MakeMentor = Callable[..., Awaitable[UUID]]


@pytest.fixture
def modules() -> tuple[Module, ...]:
    return (MODULE,)


@pytest.fixture
def today() -> datetime:
    return TODAY


@dataclass(frozen=True)
class People:
    """Who may come: the default tenant's people, another one's, and somebody of none."""

    default_tenant: UUID
    other_tenant: UUID
    admin: Principal
    member: Principal
    other_admin: Principal
    other_member: Principal
    stranger: Principal


@pytest.fixture
async def people(tenants: Tenants, make_person: MakePerson) -> People:
    return People(
        default_tenant=tenants.default,
        other_tenant=tenants.other,
        admin=await make_person(tenants.default, "admin"),
        member=await make_person(tenants.default, "member"),
        other_admin=await make_person(tenants.other, "admin"),
        other_member=await make_person(tenants.other, "member"),
        stranger=await make_person(None, ""),
    )


@pytest.fixture
def make_mentor(owner: asyncpg.Connection, make_person: MakePerson) -> MakeMentor:
    """Make somebody of an organisation (the default one) who joined a year ago, with activities.

    ``activities`` are days, or a number of them that ended ``last_active`` days before ``TODAY``; ``joined`` is when they
    joined. Returns their user id.
    """

    async def make(
        activities: int | list[date] = 1,
        *,
        last_active: int = 0,
        joined: datetime = TODAY - timedelta(days=365),
        organization_id: UUID | None = None,
        role: str = "member",
    ) -> UUID:
        organization_id = organization_id or await owner.fetchval(
            "select id from public.tenants where slug = 'default'"
        )
        person = await make_person(organization_id, role)
        user_id = UUID(str(person.sub))
        await owner.execute(
            "update public.tenant_users set created_at = $2 where user_id = $1", user_id, joined
        )
        if isinstance(activities, int):
            last = TODAY.date() - timedelta(days=last_active)
            activities = [last - timedelta(days=n) for n in range(activities)]
        await owner.executemany(
            "insert into public.activities (organization_id, user_id, activity_date) values ($1, $2, $3)",
            [(organization_id, user_id, day) for day in activities],
        )
        return user_id

    return make


@pytest.fixture
def evaluate(service: Session) -> Evaluate:
    """Call ``evaluate_scenarios`` at ``TODAY``, or at ``now``."""

    async def call(**payload: Any) -> dict[str, Any]:
        payload.setdefault("now", TODAY)
        payload["now"] = payload["now"].isoformat()
        for name in ("organization_id", "cursor"):
            if name in payload:
                payload[name] = str(payload[name])
        reply: dict[str, Any] = await service.call("evaluate_scenarios", {"payload": payload})
        return reply

    return call
