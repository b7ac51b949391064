"""A migrated database, everyone who may come to it, and makers of what the rules look at."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from casebase.kernel.config import load_settings
from casebase.kernel.db import Database, Principal, Session
from casebase.kernel.runtime import Runtime
from casebase.modules.notifications import MODULE
from tests.conftest import MakePerson

TODAY = datetime(2026, 6, 15, 10, 0, tzinfo=UTC)
"""The moment that tests of the rules evaluate: a Monday, noon in Oslo."""

Evaluate = Callable[..., Awaitable[dict[str, Any]]]
MakeMentor = Callable[..., Awaitable[UUID]]
At = Callable[..., Awaitable[Runtime]]


@pytest.fixture
def runtime(api: Database, api_url: str) -> Runtime:
    """The runtime of a process on the test's database."""
    return Runtime(
        settings=load_settings(public_rate_limit="10000/minute"),
        modules=(MODULE,),
        database=api,
        direct_url=api_url,
        jwt_secret="a secret of the tests, long enough for HS256",
        session_secret="another secret of the tests",
    )


@pytest.fixture
async def at(runtime: Runtime) -> AsyncIterator[At]:
    """Make the runtime of a process whose clock stands at a moment, with settings of its own."""
    async with AsyncExitStack() as opened:

        async def make(moment: datetime = TODAY, **changes: object) -> Runtime:
            offset = moment - datetime.now(UTC)
            database = await Database.connect(runtime.direct_url, clock_offset=offset)
            await opened.enter_async_context(database)
            settings = load_settings(clock_offset=offset, **changes)
            return replace(runtime, settings=settings, database=database)

        yield make


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
async def people(owner: asyncpg.Connection, make_person: MakePerson) -> People:
    default = await owner.fetchval("select id from public.tenants where slug = 'default'")
    other = await owner.fetchval(
        "insert into public.tenants (slug, name) values ('other', 'Other') returning id"
    )
    return People(
        default_tenant=default,
        other_tenant=other,
        admin=await make_person(default, "admin"),
        member=await make_person(default, "member"),
        other_admin=await make_person(other, "admin"),
        other_member=await make_person(other, "member"),
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
