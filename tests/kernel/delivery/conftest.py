"""A kernel database, a worker on it, and receivers on loopback."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from uuid import UUID

import asyncpg
import pytest

from casebase.kernel.config import Settings, load_settings
from casebase.kernel.db import Database
from casebase.kernel.delivery.webhooks import Webhooks
from casebase.kernel.jobs import Queues, Worker
from casebase.kernel.runtime import Runtime
from tests.support import postgres


@pytest.fixture
async def owner(kernel_database: str) -> AsyncIterator[asyncpg.Connection]:
    connection = await asyncpg.connect(kernel_database)
    await connection.execute("update casebase.queues set backoff_s = 0")  # retries are due at once
    yield connection
    await connection.close()


@pytest.fixture
async def db(
    owner: asyncpg.Connection, kernel_database: str, pg_server: postgres.Server
) -> AsyncIterator[Database]:
    async with await Database.connect(pg_server.api_url(kernel_database)) as database:
        yield database


@pytest.fixture
async def tenant(owner: asyncpg.Connection) -> UUID:
    tenant_id: UUID = await owner.fetchval("select casebase.default_tenant()")
    return tenant_id


@pytest.fixture
def webhooks(db: Database) -> Webhooks:
    return Webhooks(db)


@pytest.fixture
def queues(db: Database) -> Queues:
    return Queues(db)


@pytest.fixture
def settings() -> Settings:
    return load_settings(webhook_allow_private=True)


@pytest.fixture
def drain(db: Database, settings: Settings) -> Callable[..., Awaitable[None]]:
    """Run the jobs of a delivery queue until none is due."""

    async def run(queue: str = "casebase_webhooks", **changes: object) -> None:
        runtime = Runtime(settings.model_copy(update=changes), (), db, "")
        await Worker(runtime, [queue]).drain()

    return run
