"""A migrated database with judgments in it, and everyone who may come to it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from casebase.kernel.db import Principal, Session
from casebase.kernel.module import Module
from casebase.modules.enforcement import MODULE
from tests.conftest import MakePerson, Tenants
from tests.enforcement.judgments import Judgment, insert_judgment
from tests.enforcement.many_cases import make_many_cases
from tests.enforcement.reads import COUNT
from tests.support import postgres

MakeJudgment = Callable[..., Awaitable[Judgment]]
OpenCase = Callable[..., Awaitable[str]]


@pytest.fixture
def modules() -> tuple[Module, ...]:
    return (MODULE,)


@dataclass(frozen=True)
class People:
    """Who may come: the default tenant's people, another one's, and somebody of none."""

    default_tenant: UUID
    other_tenant: UUID
    admin: Principal
    operator: Principal
    member: Principal
    other_operator: Principal
    stranger: Principal


@pytest.fixture
async def people(tenants: Tenants, make_person: MakePerson) -> People:
    return People(
        default_tenant=tenants.default,
        other_tenant=tenants.other,
        admin=await make_person(tenants.default, "admin"),
        operator=await make_person(tenants.default, "enforcement_operator"),
        member=await make_person(tenants.default, "member"),
        other_operator=await make_person(tenants.other, "enforcement_operator"),
        stranger=await make_person(None, ""),
    )


@pytest.fixture
def make_judgment(owner: asyncpg.Connection) -> MakeJudgment:
    """Write a judgment with its plaintiff, debtor and docket; ``tenant_id``, ``amount`` … as in ``insert_judgment``."""

    async def make(**changes: Any) -> Judgment:
        return await insert_judgment(owner, **changes)

    return make


@pytest.fixture
def open_case(service: Session, make_judgment: MakeJudgment) -> OpenCase:
    """Open a case on a new judgment, or on ``judgment``; return its id."""

    async def open_one(judgment: Judgment | None = None, **payload: Any) -> str:
        judgment = judgment or await make_judgment()
        case_id = await service.call(
            "open_enforcement_case", {"payload": {"judgment_id": str(judgment.id), **payload}}
        )
        assert isinstance(case_id, str)
        return case_id

    return open_one


@pytest.fixture(scope="module")
def many_cases(pg_server: postgres.Server) -> Iterator[str]:
    """The owner's URL of a database with many cases; what the tests write is rolled back."""
    url = pg_server.create_database(postgres.our_modules())

    async def fill() -> None:
        owner = await asyncpg.connect(url)
        await make_many_cases(owner, COUNT)
        await owner.close()

    postgres.run_sync(fill)
    yield url
    pg_server.drop_database(url)


@pytest.fixture
async def many(many_cases: str) -> AsyncIterator[asyncpg.Connection]:
    """The owner, in a transaction of its own."""
    connection = await asyncpg.connect(many_cases)
    transaction = connection.transaction()
    await transaction.start()
    yield connection
    await transaction.rollback()
    await connection.close()
