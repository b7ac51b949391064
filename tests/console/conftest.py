"""A console with the gallery module on a database of its own, reached in process or through a real server."""

from __future__ import annotations

import asyncio
import re
import socket
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import asyncpg
import httpx
import pytest
import uvicorn
from fastapi import FastAPI

from casebase.console.accounts import hash_password
from casebase.console.mounting import mount
from casebase.kernel.config import Settings
from casebase.kernel.db import Database
from casebase.kernel.module import Module
from casebase.kernel.runtime import Runtime
from tests.console import gallery
from tests.support import postgres

EMAIL = "ada@example.com"
PASSWORD = "correct horse battery"
PASSWORD_HASH = hash_password(PASSWORD)


@dataclass(frozen=True)
class Console:
    """The console under test and its database, as the owner sees it."""

    app: FastAPI
    owner: asyncpg.Connection
    base_url: str = "http://console.test"

    @asynccontextmanager
    async def client(self, address: str = "203.0.113.7") -> AsyncIterator[httpx.AsyncClient]:
        transport = httpx.ASGITransport(self.app, client=(address, 4000), raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url=self.base_url) as client:
            yield client

    async def create_user(self, email: str = EMAIL, tenant: str = "default") -> UUID:
        user_id: UUID = await self.owner.fetchval(
            "select casebase.create_user($1, $2, $3, 'admin')", email, PASSWORD_HASH, tenant
        )
        return user_id

    async def create_tenant(self, slug: str) -> UUID:
        tenant_id: UUID = await self.owner.fetchval(
            "insert into public.tenants (slug, name) values ($1, initcap($1)) returning id", slug
        )
        return tenant_id

    async def add_notes(self, *titles: str, tenant: str = "default", status: str = "draft") -> None:
        for title in titles:
            await self.owner.execute(
                "insert into gallery.notes (tenant_id, title, status, amount) "
                "select t.id, $1, $3, length($1) from public.tenants t where t.slug = $2",
                title, tenant, status,
            )  # fmt: skip


async def login_token(client: httpx.AsyncClient) -> str:
    return form_token((await client.get("/console/login")).text)


def form_token(html: str) -> str:
    found = re.search(r'name="csrf_token" value="([^"]+)"', html)
    assert found
    return found[1]


async def sign_in(client: httpx.AsyncClient, email: str = EMAIL, password: str = PASSWORD) -> httpx.Response:
    token = await login_token(client)
    return await client.post(
        "/console/login", data={"email": email, "password": password, "csrf_token": token}
    )


@pytest.fixture
async def console(
    pg_server: postgres.Server, create_database: Callable[[Sequence[Module] | None], str], tmp_path: Path
) -> AsyncIterator[Console]:
    owner_url = create_database((gallery.MODULE,))
    api_url = pg_server.api_url(owner_url)
    owner = await asyncpg.connect(owner_url)
    async with await Database.connect(api_url, pool_size=4) as database:
        app = FastAPI(redirect_slashes=False)  # as the API's
        app.state.resources = AsyncExitStack()
        app.state.services = {}
        mount(app, Runtime(Settings(home=tmp_path), (gallery.MODULE,), database, direct_url=api_url))
        yield Console(app, owner)
    await owner.close()


@pytest.fixture
async def member(console: Console) -> AsyncIterator[httpx.AsyncClient]:
    """A signed-in member of the default tenant."""
    await console.create_user()
    async with console.client() as client:
        assert (await sign_in(client)).status_code == 303
        yield client


@pytest.fixture
async def address(console: Console) -> AsyncIterator[str]:
    """The console served on a port of the loopback interface."""
    listener = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(console.app, log_config=None, lifespan="off", timeout_graceful_shutdown=5)
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server.serve(sockets=[listener]))
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        console.app.state.live.close()
        server.should_exit = True
        await serving
