"""supabase-py over a running server: what a product built on Supabase calls the RPCs with."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest
from supabase import AsyncClient, AsyncClientOptions, acreate_client

from casebase.kernel.db import ANON, Principal
from casebase.kernel.http import create_app
from casebase.kernel.runtime import Runtime
from tests.support.serving import serving
from tests.support.tokens import token

only_its_own_warnings = pytest.mark.filterwarnings(
    "ignore:The '(timeout|verify)' parameter:DeprecationWarning"
)
"""For ``pytestmark``: the client warns of itself."""


class Supabase:
    """A supabase client that calls as anyone, and remembers what was called."""

    def __init__(self, client: AsyncClient) -> None:
        self._client = client
        self.called: set[str] = set()

    async def __call__(self, principal: Principal | None, function: str, **arguments: Any) -> Any:
        self._client.postgrest.auth(token(principal or ANON))
        self.called.add(function)
        return (await self._client.rpc(function, arguments).execute()).data


@pytest.fixture
async def supabase(runtime: Runtime) -> AsyncIterator[Supabase]:
    """A client of a server around the test's runtime."""
    async with serving(create_app(runtime)) as address:
        client = await acreate_client(address, token(ANON), AsyncClientOptions(auto_refresh_token=False))
        yield Supabase(client)
        await client.postgrest.aclose()
