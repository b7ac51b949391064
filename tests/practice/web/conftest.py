"""The web client in process and through a real server, and people who are signed in to it."""

from __future__ import annotations

import re
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import replace
from uuid import UUID

import asyncpg
import httpx
import pytest
from fastapi import FastAPI

from casebase.app import build_http
from casebase.console.accounts import hash_password
from casebase.kernel.db import Database
from casebase.kernel.runtime import Runtime
from tests.support.browser import browser_page

__all__ = ["browser_page"]

EMAIL = "lerner@example.com"
PASSWORD = "richtig gutes Passwort"
PASSWORD_HASH = hash_password(PASSWORD)

Client = Callable[..., Awaitable[httpx.AsyncClient]]


def csrf(html: str) -> str:
    found = re.search(r'name="csrf_token" value="([^"]+)"', html)
    assert found, html[:2000]
    return found[1]


def hidden(html: str, name: str) -> str:
    """The value of a page's first hidden field of a name."""
    found = re.search(rf'name="{name}" value="([^"]*)"', html)
    assert found, html[:2000]
    return found[1]


def text_of(html: str) -> str:
    """A page as it reads."""
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


async def submit(
    client: httpx.AsyncClient, path: str, at: str | None = None, **fields: object
) -> httpx.Response:
    """Send a form with the token of the page ``at``, by default the one it is sent to."""
    token = csrf((await client.get(at or path)).text)
    return await client.post(path, data={"csrf_token": token, **fields})


async def sign_in(client: httpx.AsyncClient, email: str = EMAIL, password: str = PASSWORD) -> httpx.Response:
    return await submit(client, "/practice/sign-in", email=email, password=password)


async def start(client: httpx.AsyncClient, scenario_id: int = 1) -> str:
    """Start a session; the path of its page."""
    reply = await submit(client, "/practice/sessions", "/practice/", scenario_id=scenario_id)
    assert reply.status_code == 303
    return reply.headers["location"]


@pytest.fixture
async def app(runtime: Runtime) -> AsyncIterator[FastAPI]:
    app = build_http(runtime)
    async with app.router.lifespan_context(app):
        yield app


@pytest.fixture
async def learner(owner: asyncpg.Connection) -> UUID:
    """Somebody with an account, who belongs to no tenant."""
    user_id: UUID = await owner.fetchval("select casebase.create_user($1, $2, null)", EMAIL, PASSWORD_HASH)
    return user_id


@pytest.fixture
async def make_client() -> AsyncIterator[Client]:
    """Make the client of an application, as from an address."""
    async with AsyncExitStack() as clients:

        async def make(app: FastAPI, address: str = "203.0.113.7") -> httpx.AsyncClient:
            transport = httpx.ASGITransport(app, client=(address, 4000), raise_app_exceptions=False)
            return await clients.enter_async_context(
                httpx.AsyncClient(transport=transport, base_url="http://practice.test")
            )

        yield make


@pytest.fixture
async def visitor(app: FastAPI, make_client: Client) -> httpx.AsyncClient:
    """Nobody yet."""
    return await make_client(app)


@pytest.fixture
async def client(visitor: httpx.AsyncClient, learner: UUID) -> httpx.AsyncClient:
    """The learner, signed in."""
    assert (await sign_in(visitor)).status_code == 303
    return visitor


@pytest.fixture
async def away(runtime: Runtime) -> AsyncIterator[FastAPI]:
    """The application while its database is away."""
    async with AsyncExitStack() as opened:
        nobody_listens = opened.enter_context(socket.socket())
        nobody_listens.bind(("127.0.0.1", 0))
        url = f"postgresql://casebase_api@127.0.0.1:{nobody_listens.getsockname()[1]}/nowhere"
        database = await opened.enter_async_context(await Database.connect(url))
        app = build_http(replace(runtime, database=database))
        opened.push_async_callback(app.state.resources.aclose)
        yield app
