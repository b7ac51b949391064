"""Two processes of the API sell a place once, and neither goes on to offer it."""

from __future__ import annotations

import asyncio
import socket
from collections import Counter
from contextlib import AsyncExitStack, ExitStack
from functools import partial
from pathlib import Path

import asyncpg
import httpx

from casebase.kernel.db import SERVICE
from tests.acceptance.product import environment, started
from tests.frontdesk.conftest import MakeSlot
from tests.support.tokens import JWT_SECRET, bearer
from tests.support.waiting import eventually


def free_ports(count: int) -> list[int]:
    with ExitStack() as stack:
        listeners = [stack.enter_context(socket.create_server(("127.0.0.1", 0))) for _ in range(count)]
        return [listener.getsockname()[1] for listener in listeners]


async def is_ready(client: httpx.AsyncClient) -> bool:
    try:
        return (await client.get("/readyz")).is_success
    except httpx.TransportError:
        return False


async def test_fifty_clients_of_two_processes(
    tmp_path: Path, database: str, api_url: str, owner: asyncpg.Connection, make_slot: MakeSlot
) -> None:
    await make_slot()
    day = await owner.fetchval("select (starts_at at time zone 'UTC')::date::text from slots")
    env = environment(tmp_path, database_url=database, api_database_url=api_url, jwt_secret=JWT_SECRET)
    async with AsyncExitStack() as stack:
        ports = free_ports(2)
        for port in ports:
            stack.enter_context(started("serve", "--port", str(port), env=env))
        clients = [
            await stack.enter_async_context(
                httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=60)
            )
            for port in ports
        ]
        for client in clients:
            await eventually(partial(is_ready, client))

        async def free() -> list[list[str]]:
            replies = [
                await client.get("/v1/frontdesk/slots", params={"on_date": day}, headers=bearer(SERVICE))
                for client in clients
            ]
            return [[slot["slot_id"] for slot in reply.json()["slots"]] for reply in replies]

        assert await free() == [["chair-1"]] * 2
        booking = {"slot_id": "chair-1", "user_name": "Ada Byron", "user_email": "ada@example.com"}
        replies = await asyncio.gather(
            *(
                client.post("/v1/frontdesk/bookings", json=booking, headers=bearer(SERVICE))
                for client in clients * 25
            )
        )
        assert Counter(reply.status_code for reply in replies) == {201: 1, 409: 49}
        refusals = {reply.json()["code"] for reply in replies if reply.status_code == 409}
        assert refusals == {"slot_unavailable"}
        assert await free() == [[]] * 2
        [booked] = [reply.json()["booking_id"] for reply in replies if reply.status_code == 201]
        cancelled = await clients[1].post(f"/v1/frontdesk/bookings/{booked}/cancel", headers=bearer(SERVICE))
        assert cancelled.status_code == 200
        assert await free() == [["chair-1"]] * 2
    assert await owner.fetchval("select count(*) from public.bookings") == 1
