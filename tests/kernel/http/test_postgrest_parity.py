"""Ours and the real PostgREST give one answer to one call."""

from __future__ import annotations

import asyncio
import os
import socket
import subprocess
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from tests.kernel.http.conftest import SECRET, bearer, make_token
from tests.support.requires import program, requires

pytestmark = requires("postgrest")

CALLS: dict[str, tuple[str, Any, dict[str, str]]] = {
    "scalar": ("add_numbers", {"a": 3}, bearer()),
    "set": ("list_numbers", {"n": 2}, bearer()),
    "empty set": ("list_numbers", {"n": 0}, bearer()),
    "object": ("echo", {"payload": {"a": 1}}, bearer()),
    "null": ("get_null", {}, bearer()),
    "void": ("do_nothing", {}, bearer()),
    "anonymous": ("add_numbers", {"a": 1, "b": 1}, {}),
    "single row": ("list_numbers", {"n": 1}, bearer() | {"Accept": "application/vnd.pgrst.object+json"}),
    "two rows as one": ("list_numbers", {"n": 2}, bearer() | {"Accept": "application/vnd.pgrst.object+json"}),
    "missing function": ("no_such", {}, bearer()),
    "missing argument": ("add_numbers", {"b": 3}, bearer()),
    "unknown argument": ("add_numbers", {"a": 1, "c": 3}, bearer()),
    "forbidden": ("for_service", {}, bearer()),
    "forbidden for anon": ("for_service", {}, {}),
    "PT422": ("refuse", {}, bearer()),
    "22P02": ("add_numbers", {"a": "seven"}, bearer()),
    "23505": ("add_note", {"text": "twice"}, bearer(role="service_role")),
    "bad token": ("add_numbers", {"a": 1}, {"Authorization": "Bearer x.y.z"}),
    "wrong secret": ("add_numbers", {"a": 1}, {"Authorization": f"Bearer {make_token(key='x' * 40)}"}),
    "expired token": ("add_numbers", {"a": 1}, bearer(exp=1)),
    "other schema": ("add_numbers", {"a": 1}, bearer() | {"Content-Profile": "casebase"}),
}


@pytest.fixture
async def postgrest(api_database: str) -> AsyncIterator[httpx.AsyncClient]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    environment = {
        "PGRST_DB_URI": api_database,
        "PGRST_DB_SCHEMAS": "public",
        "PGRST_DB_ANON_ROLE": "anon",
        "PGRST_JWT_SECRET": SECRET,
        "PGRST_JWT_AUD": "authenticated",
        "PGRST_SERVER_HOST": "127.0.0.1",
        "PGRST_SERVER_PORT": str(port),
    }
    process = subprocess.Popen(
        [program("postgrest")],
        env=os.environ | environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as client, asyncio.timeout(30):
            while True:
                try:
                    # 503 until its schema cache is loaded.
                    if (await client.post("/rpc/add_numbers", json={"a": 1})).status_code == 200:
                        break
                except httpx.TransportError:
                    pass
                await asyncio.sleep(0.05)
            yield client
    finally:
        process.terminate()
        process.wait()


async def test_status_body_and_shape_are_the_same(
    api: httpx.AsyncClient, postgrest: httpx.AsyncClient
) -> None:
    await api.post("/rest/v1/rpc/add_note", json={"text": "twice"}, headers=bearer(role="service_role"))
    differences = {}
    for name, (function, arguments, headers) in CALLS.items():
        ours = await api.post(f"/rest/v1/rpc/{function}", json=arguments, headers=headers)
        theirs = await postgrest.post(f"/rpc/{function}", json=arguments, headers=headers)
        if _seen(ours) != _seen(theirs):
            differences[name] = (_seen(ours), _seen(theirs))

    assert differences == {}


def _seen(response: httpx.Response) -> tuple[Any, ...]:
    if not response.content:
        return response.status_code, None
    body = response.json()
    if response.status_code == 200:
        return 200, body
    # The words are each server's own; a client decides by status and code.
    return response.status_code, body["code"], sorted(body)
