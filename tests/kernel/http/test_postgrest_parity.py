"""Ours and the real PostgREST give one answer to one call."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from tests.kernel.http.conftest import SECRET, bearer, make_token
from tests.support.postgrest import postgrest
from tests.support.requires import requires

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
async def theirs(api_database: str) -> AsyncIterator[httpx.AsyncClient]:
    async with postgrest(api_database, SECRET) as client:
        yield client


async def test_status_body_and_shape_are_the_same(api: httpx.AsyncClient, theirs: httpx.AsyncClient) -> None:
    await api.post("/rest/v1/rpc/add_note", json={"text": "twice"}, headers=bearer(role="service_role"))
    differences = {}
    for name, (function, arguments, headers) in CALLS.items():
        our = await api.post(f"/rest/v1/rpc/{function}", json=arguments, headers=headers)
        their = await theirs.post(f"/rpc/{function}", json=arguments, headers=headers)
        if _seen(our) != _seen(their):
            differences[name] = (_seen(our), _seen(their))

    assert differences == {}


def _seen(response: httpx.Response) -> tuple[Any, ...]:
    if not response.content:
        return response.status_code, None
    body = response.json()
    if response.status_code == 200:
        return 200, body
    # The words are each server's own; a client decides by status and code.
    return response.status_code, body["code"], sorted(body)
