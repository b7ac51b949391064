"""Two applications that share nothing but the database and a Redis, and what they ask the database for."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from typing import Any

import asyncpg
import httpx
import pytest

from casebase.kernel.config import load_settings
from casebase.kernel.db import Database, Principal
from casebase.kernel.http import create_app
from casebase.kernel.module import Module
from casebase.kernel.runtime import Runtime
from tests.support.tokens import JWT_SECRET, bearer

Processes = Callable[..., Awaitable[list[httpx.AsyncClient]]]


class CountingDatabase(Database):
    """Note which functions were called."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        super().__init__(pool)
        self.called: list[str] = []

    async def rpc(self, principal: Any, function: str, *arguments: Any, **named: Any) -> Any:
        self.called.append(function)
        return await super().rpc(principal, function, *arguments, **named)


@pytest.fixture
async def database_calls(api: Database) -> CountingDatabase:
    return CountingDatabase(api.pool)


@pytest.fixture
async def processes(
    database_calls: CountingDatabase, api_url: str, modules: tuple[Module, ...]
) -> AsyncIterator[Processes]:
    """Make a client of each of two applications, as two processes would be; both call as the principal."""
    async with AsyncExitStack() as stack:

        async def make(principal: Principal, **settings: Any) -> list[httpx.AsyncClient]:
            clients = []
            for _ in range(2):
                runtime = Runtime(
                    settings=load_settings(**settings),
                    modules=modules,
                    database=database_calls,
                    direct_url=api_url,
                    jwt_secret=JWT_SECRET,
                )
                stack.push_async_callback(runtime.cache.close)
                transport = httpx.ASGITransport(create_app(runtime))
                client = httpx.AsyncClient(
                    transport=transport, base_url="http://casebase", headers=bearer(principal)
                )
                clients.append(await stack.enter_async_context(client))
            return clients

        yield make
