"""The real PostgREST over a database: what a client reaches on Supabase without this product in front."""

from __future__ import annotations

import os
import socket
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial

import httpx

from tests.support.requires import program
from tests.support.waiting import PATIENCE_S, eventually


@asynccontextmanager
async def postgrest(url: str, secret: str) -> AsyncIterator[httpx.AsyncClient]:
    """Yield a client of a PostgREST that serves ``public`` and whose tokens ``secret`` signed."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    environment = {
        "PGRST_DB_URI": url,
        "PGRST_DB_SCHEMAS": "public",
        "PGRST_DB_ANON_ROLE": "anon",
        "PGRST_JWT_SECRET": secret,
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
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=PATIENCE_S) as client:
            await eventually(partial(_is_ready, client))
            yield client
    finally:
        process.terminate()
        process.wait()


async def _is_ready(client: httpx.AsyncClient) -> bool:
    try:
        # 503 until its schema cache is loaded.
        return (await client.get("/")).status_code != 503
    except httpx.TransportError:
        return False
