"""The console in process and through a real server, and people of each role signed in to it."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack

import asyncpg
import httpx
import pytest
import uvicorn
from fastapi import FastAPI

from casebase.app import build_http
from casebase.kernel.runtime import Runtime
from tests.console.conftest import PASSWORD_HASH, sign_in

SignIn = Callable[..., Awaitable[httpx.AsyncClient]]


@pytest.fixture
def app(runtime: Runtime) -> FastAPI:
    return build_http(runtime)


@pytest.fixture
async def signed_in(app: FastAPI, owner: asyncpg.Connection) -> AsyncIterator[SignIn]:
    """Sign somebody in with a role in a tenant; return their client."""
    async with AsyncExitStack() as clients:

        async def make(role: str, tenant: str = "default") -> httpx.AsyncClient:
            email = f"{role}.{tenant}@example.com"
            await owner.execute(
                "select casebase.create_user($1, $2, $3, $4)", email, PASSWORD_HASH, tenant, role
            )
            transport = httpx.ASGITransport(app, client=("203.0.113.9", 4000), raise_app_exceptions=True)
            client = await clients.enter_async_context(
                httpx.AsyncClient(transport=transport, base_url="http://console.test")
            )
            assert (await sign_in(client, email)).status_code == 303
            return client

        yield make


@pytest.fixture
async def operator(signed_in: SignIn) -> httpx.AsyncClient:
    """An enforcement operator of the default tenant."""
    return await signed_in("enforcement_operator")


@pytest.fixture
async def member(signed_in: SignIn) -> httpx.AsyncClient:
    """A member of the default tenant who may look, not act."""
    return await signed_in("member")


@pytest.fixture
async def address(app: FastAPI) -> AsyncIterator[str]:
    """Where a browser finds the application."""
    listener = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(app, log_config=None, lifespan="off", timeout_graceful_shutdown=5))
    serving = asyncio.create_task(server.serve(sockets=[listener]))
    yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    app.state.live.close()
    server.should_exit = True
    await serving
