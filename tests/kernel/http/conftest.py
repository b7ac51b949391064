"""A database with a few functions, the API over it, and tokens good and bad."""

from __future__ import annotations

import asyncio
import socket
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from typing import Any

import asyncpg
import httpx
import jwt
import pytest
import uvicorn
from starlette.types import ASGIApp

from casebase.kernel.config import load_settings
from casebase.kernel.db import Database
from casebase.kernel.http import create_app
from casebase.kernel.module import Module
from casebase.kernel.runtime import Runtime
from tests.support.postgres import Server

SECRET = "a secret that only the tests know, 32 bytes or more"
TOY = Module(
    name="toy", package="tests.kernel.http", title="Toy", routes="tests.kernel.http.toy_routes:router"
)

FUNCTIONS = """
create table public.notes (id int generated always as identity primary key, text text not null unique);
alter table public.notes enable row level security;
grant select, insert on public.notes to service_role;

create function public.echo(payload jsonb) returns jsonb language sql stable set search_path = ''
    as $$ select payload $$;
create function public.add_numbers(a int, b int default 2) returns int language sql immutable set search_path = ''
    as $$ select a + b $$;
create function public.list_numbers(n int) returns table (number int, word text) language sql immutable
    set search_path = '' as $$ select g, repeat('x', g) from generate_series(1, n) g $$;
create function public.do_nothing() returns void language sql stable set search_path = '' as $$ select $$;
create function public.get_null() returns text language sql stable set search_path = '' as $$ select null::text $$;
create function public.who_am_i() returns jsonb language sql stable set search_path = ''
    as $$ select jsonb_build_object('uid', auth.uid(), 'role', auth.role(), 'user', current_user) $$;
create function public.refuse() returns void language plpgsql stable set search_path = '' as $$
begin
    perform casebase.fail(422, 'amount_too_high',
        '{"errors": [{"field": "amount", "rule": "maximum", "message": "At most 5."}]}',
        'Ask for less.');
end $$;
create function public.add_note(text text) returns jsonb language plpgsql set search_path = '' as $$
#variable_conflict use_column
declare v_id int;
begin
    insert into public.notes (text) values (add_note.text) returning id into v_id;
    return jsonb_build_object('note_id', v_id);
end $$;
create function public.for_service() returns int language sql stable set search_path = '' as $$ select 1 $$;

grant execute on function public.echo, public.add_numbers, public.list_numbers, public.do_nothing, public.get_null,
    public.who_am_i, public.refuse, public.add_note to authenticated, service_role;
grant execute on function public.add_numbers to anon;
grant execute on function public.for_service to service_role;
"""


def make_token(
    key: Any = SECRET, algorithm: str = "HS256", headers: dict[str, str] | None = None, **claims: Any
) -> str:
    """Sign a good token; a claim given as None is left out."""
    # Good for longer than a run takes: those of a table are made when the tests are collected.
    good = {"role": "authenticated", "aud": "authenticated", "exp": int(time.time()) + 86400}
    kept = {name: value for name, value in (good | claims).items() if value is not None}
    return jwt.encode(kept, key, algorithm=algorithm, headers=headers)


def bearer(**claims: Any) -> dict[str, str]:
    return {"Authorization": f"Bearer {make_token(**claims)}"}


@pytest.fixture
async def owner_url(kernel_database: str) -> str:
    connection = await asyncpg.connect(kernel_database)
    try:
        await connection.execute(FUNCTIONS)
    finally:
        await connection.close()
    return kernel_database


@pytest.fixture
def api_database(pg_server: Server, owner_url: str) -> str:
    return pg_server.api_url(owner_url)


@pytest.fixture
async def owner(owner_url: str) -> AsyncIterator[asyncpg.Connection]:
    connection = await asyncpg.connect(owner_url)
    yield connection
    await connection.close()


MakeApi = Callable[..., Awaitable[httpx.AsyncClient]]


@pytest.fixture
async def make_api(api_database: str) -> AsyncIterator[MakeApi]:
    """A function that composes the API with settings and returns an in-process client of it."""
    async with AsyncExitStack() as stack:

        async def make(
            *, url: str = api_database, secret: str | None = SECRET, **settings: Any
        ) -> httpx.AsyncClient:
            chosen = load_settings(**settings)
            database = await stack.enter_async_context(
                await Database.connect(url, pool_size=chosen.pool_size, pool_wait_s=chosen.pool_wait_s)
            )
            runtime = Runtime(chosen, (TOY,), database, url, secret)
            app = create_app(runtime)
            await stack.enter_async_context(app.router.lifespan_context(app))
            transport = httpx.ASGITransport(app)
            return await stack.enter_async_context(
                httpx.AsyncClient(transport=transport, base_url="http://api")
            )

        yield make


@pytest.fixture
async def api(make_api: MakeApi) -> httpx.AsyncClient:
    return await make_api()


@asynccontextmanager
async def _serve(app: ASGIApp) -> AsyncIterator[str]:
    with socket.create_server(("127.0.0.1", 0), backlog=128) as listener:
        server = uvicorn.Server(uvicorn.Config(app, lifespan="off", log_config=None, access_log=False))
        serving = asyncio.create_task(server._serve([listener]))
        while not server.started and not serving.done():
            await asyncio.sleep(0.01)
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            server.should_exit = True
            await serving


@pytest.fixture
def serve() -> Callable[[ASGIApp], AbstractAsyncContextManager[str]]:
    """A context manager that serves an application by uvicorn and gives its address."""
    return _serve
