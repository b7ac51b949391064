"""A migrated database, everyone who may come to a front desk, and makers of its slots and bookings."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from casebase.kernel.db import Database, Principal, Session
from casebase.kernel.module import Module
from casebase.modules.frontdesk import MODULE
from tests.conftest import MakePerson, Tenants

TODAY = datetime(2026, 6, 17, 10, 0, tzinfo=UTC)
"""A Wednesday."""

MakeSlot = Callable[..., Awaitable[str]]
Book = Callable[..., Awaitable[dict[str, Any]]]


@pytest.fixture
def modules() -> tuple[Module, ...]:
    return (MODULE,)


@pytest.fixture
def today() -> datetime:
    return TODAY


@dataclass(frozen=True)
class People:
    """Who may come: the default tenant's people, another one's, and customers, who belong to none."""

    default_tenant: UUID
    other_tenant: UUID
    owner: Principal
    admin: Principal
    member: Principal
    other_admin: Principal
    other_member: Principal
    customer: Principal
    other_customer: Principal


@pytest.fixture
async def people(tenants: Tenants, make_person: MakePerson) -> People:
    return People(
        default_tenant=tenants.default,
        other_tenant=tenants.other,
        owner=await make_person(tenants.default, "owner"),
        admin=await make_person(tenants.default, "admin"),
        member=await make_person(tenants.default, "member"),
        other_admin=await make_person(tenants.other, "admin"),
        other_member=await make_person(tenants.other, "member"),
        customer=await make_person(None, ""),
        other_customer=await make_person(None, ""),
    )


@pytest.fixture
def make_slot(owner: asyncpg.Connection, tenants: Tenants) -> MakeSlot:
    """Make a slot of half an hour that begins an hour from now, or at ``starts_at``; returns its slot_id."""

    async def make(
        slot_id: str = "chair-1",
        *,
        tenant_id: UUID | None = None,
        resource: str | None = None,
        starts_at: datetime | None = None,
        minutes: int = 30,
        capacity: int = 1,
    ) -> str:
        starts_at = starts_at or await owner.fetchval(
            "select date_trunc('minute', casebase.now()) + interval '1 hour'"
        )
        await owner.execute(
            "insert into public.slots (tenant_id, slot_id, resource, starts_at, ends_at, capacity) "
            "values ($1, $2, $3, $4, $5, $6)",
            tenant_id or tenants.default,
            slot_id,
            resource or slot_id,
            starts_at,
            starts_at + timedelta(minutes=minutes),
            capacity,
        )
        return slot_id

    return make


@pytest.fixture
def book(api: Database, service: Session) -> Book:
    """Book a slot as the service, or as ``by``; returns the reply."""

    async def call(slot_id: str = "chair-1", *, by: Principal | None = None, **fields: Any) -> dict[str, Any]:
        payload = {"slot_id": slot_id, "user_name": "Ada Byron", "user_email": "ada@example.com", **fields}
        for name, value in payload.items():
            if isinstance(value, UUID):
                payload[name] = str(value)
        session = service if by is None else api.session(by)
        reply: dict[str, Any] = await session.call("book_slot", {"payload": payload})
        return reply

    return call
