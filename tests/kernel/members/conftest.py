"""A tenant's people, and strangers to it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from casebase.kernel.db import Database, Principal
from casebase.kernel.errors import RpcError
from tests.conftest import MakePerson, Tenants

Refusal = Callable[..., Awaitable[str]]


@dataclass(frozen=True)
class People:
    """Who belongs to the tenant as what, who owns another one, and who belongs nowhere."""

    tenant: UUID
    other_tenant: UUID
    owner: Principal
    admin: Principal
    member: Principal
    stranger: Principal
    nobody: Principal


@pytest.fixture
async def people(tenants: Tenants, make_person: MakePerson) -> People:
    return People(
        tenant=tenants.default,
        other_tenant=tenants.other,
        owner=await make_person(tenants.default, "owner"),
        admin=await make_person(tenants.default, "admin"),
        member=await make_person(tenants.default, "member"),
        stranger=await make_person(tenants.other, "owner"),
        nobody=await make_person(None, ""),
    )


@pytest.fixture
def refusal(api: Database) -> Refusal:
    """Call a function as somebody who is refused; return the code."""

    async def call(who: Principal, function: str, **arguments: Any) -> str:
        with pytest.raises(RpcError) as caught:
            await api.session(who).call(function, arguments)
        return caught.value.code

    return call


async def email_of(owner: asyncpg.Connection, who: Principal) -> str:
    email: str = await owner.fetchval("select email from auth.users where id = $1", who.sub)
    return email


async def role_of(owner: asyncpg.Connection, tenant_id: UUID, who: Principal) -> str | None:
    role: str | None = await owner.fetchval(
        "select role from public.tenant_users where tenant_id = $1 and user_id = $2", tenant_id, who.sub
    )
    return role
