"""``casebase up`` and ``casebase worker`` under load, signals and crashes."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import httpx
import pytest

from casebase.app import Casebase
from casebase.console.accounts import hash_password
from casebase.kernel.config import load_settings
from casebase.kernel.platform.embedded import EmbeddedServer
from casebase.modules.mortgage.demo import LEADS
from tests.acceptance.product import Running, end_leases, environment, fetch, started
from tests.console.conftest import sign_in
from tests.support.waiting import eventually

pytestmark = pytest.mark.xdist_group("acceptance")

QUEUE = "mortgage_calculation"
ENDPOINT = "/v1/mortgage/leads"
NO_LIMIT = "1000000/minute"
VERSIONS = """select c.id::text, array_agg(k.calc_version) filter (where k.calc_version is not null) as versions
    from public.scenario_cases c left join public.scenario_calculations k on k.case_id = c.id group by c.id"""


@pytest.fixture
def env(tmp_path: Path, database: str, api_url: str) -> Mapping[str, str]:
    return environment(tmp_path, database_url=database, api_database_url=api_url, public_rate_limit=NO_LIMIT)


async def is_ready(client: httpx.AsyncClient) -> bool:
    try:
        return (await client.get("/readyz")).status_code == 200
    except httpx.TransportError:
        return False


async def is_every_case_advised(url: str) -> bool:
    return all(row["versions"] for row in await fetch(url, VERSIONS))


class Load:
    """Clients that post leads one after the other, and what the API acknowledged."""

    def __init__(self, client: httpx.AsyncClient, clients: int = 6) -> None:
        self.acknowledged: list[str] = []
        self.refused: list[httpx.Response] = []
        self._client = client
        self._tasks = [asyncio.create_task(self._post(number)) for number in range(clients)]

    async def _post(self, number: int) -> None:
        lead: Mapping[str, Any] = LEADS[number % len(LEADS)]
        while True:
            try:
                response = await self._client.post(ENDPOINT, json=lead)
            except httpx.TransportError:
                await asyncio.sleep(0.02)
                continue
            if response.status_code == 201:
                self.acknowledged.append(response.json()["case_id"])
            else:
                self.refused.append(response)
                await asyncio.sleep(0.02)

    async def reaches(self, count: int) -> None:
        async def is_reached() -> bool:
            return len(self.acknowledged) >= count

        await eventually(is_reached)

    async def stop(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)


async def stop_cleanly(up: Running) -> None:
    up.process.send_signal(signal.SIGTERM)
    assert await up.ended() == 0, up.said()


async def test_a_posted_lead_is_advised_and_a_signal_ends_everything(
    env: Mapping[str, str], database: str
) -> None:
    with started("up", "--port", "0", env=env) as up:
        async with await up.client() as client:
            assert await is_ready(client)
            reply = await client.post(ENDPOINT, json=LEADS[0])
            assert reply.status_code == 201
            await eventually(lambda: is_every_case_advised(database))
        await stop_cleanly(up)


@pytest.mark.parametrize("workers", ["1", "2"])
async def test_a_signal_ends_the_live_updates_of_open_pages(
    env: Mapping[str, str], database: str, workers: str
) -> None:
    await fetch(
        database,
        "select casebase.create_user('ada@example.com', $1, 'default', 'admin')",
        hash_password("correct horse battery"),
    )
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    address = f"http://127.0.0.1:{port}"
    with started("serve", "--port", str(port), "--workers", workers, env=env) as serve:
        async with httpx.AsyncClient(base_url=address, timeout=30) as client:
            await eventually(lambda: is_ready(client))
            assert (await sign_in(client, "ada@example.com", "correct horse battery")).status_code == 303
            async with client.stream("GET", "/console/live") as stream:
                lines = stream.aiter_lines()
                while await anext(lines) != "event: ready":
                    pass
                serve.process.send_signal(signal.SIGTERM)
                # Cut off instead of ended, the stream would raise.
                assert [line async for line in lines if line.startswith("event: ")] == []
        # A single process raises the signal again once it has stopped, as uvicorn does.
        assert await serve.ended() in (0, -signal.SIGTERM), serve.said()


async def test_no_acknowledged_lead_is_lost_when_the_api_is_killed(
    env: Mapping[str, str], database: str
) -> None:
    with started("up", "--port", "0", env=env) as up:
        async with await up.client() as client:
            load = Load(client)
            await load.reaches(40)
            up.kill()
            await load.stop()
    assert {row["id"] for row in await fetch(database, VERSIONS)} >= set(load.acknowledged)
    await end_leases(database, QUEUE)
    with started("up", "--port", "0", env=env) as up:
        await eventually(lambda: is_every_case_advised(database))
        await stop_cleanly(up)
    assert {tuple(row["versions"]) for row in await fetch(database, VERSIONS)} == {(1,)}


async def test_killed_workers_leave_each_case_advised_exactly_once(
    env: Mapping[str, str], database: str
) -> None:
    settings = load_settings(database_url=database, home=Path(env["CASEBASE_HOME"]))
    async with Casebase.connect(settings=settings) as cb:
        for number in range(90):
            await cb.mortgage.create_case(LEADS[number % len(LEADS)])

    async def count() -> int:
        return (await fetch(database, "select count(*) from public.scenario_calculations"))[0][0]

    async def has_gone_on(before: int) -> bool:
        return await count() > before

    killed_early = 0
    for _ in range(3):
        before = await count()
        with started("worker", "--no-scheduler", env=env) as worker:
            await eventually(lambda before=before: has_gone_on(before))  # type: ignore[misc]
            worker.kill()
        killed_early += await count() < 90
        await end_leases(database, QUEUE)
    assert killed_early, "no worker was killed while it had jobs"
    with started("worker", "--no-scheduler", env=env) as worker:
        await eventually(lambda: is_every_case_advised(database))
        await stop_cleanly(worker)
    assert {tuple(row["versions"]) for row in await fetch(database, VERSIONS)} == {(1,)}


async def test_a_killed_database_is_a_503_and_then_all_goes_on(casebase_home: Path) -> None:
    env = environment(casebase_home, public_rate_limit=NO_LIMIT)
    with started("up", "--port", "0", env=env) as up:
        async with await up.client() as client:
            load = Load(client)
            await load.reaches(20)
            server = EmbeddedServer(casebase_home)
            pid = server.status().pid
            assert pid is not None
            os.kill(pid, signal.SIGKILL)

            async def refusal() -> httpx.Response | None:
                return next((reply for reply in load.refused if reply.status_code == 503), None)

            problem = await eventually(refusal)
            assert problem.headers["content-type"].startswith("application/problem+json")
            assert int(problem.headers["retry-after"]) > 0
            assert problem.json()["code"] == "database_unavailable"

            url = await asyncio.to_thread(server.ensure)
            await load.reaches(len(load.acknowledged) + 20)
            await load.stop()
            assert await is_ready(client)
            assert {row["id"] for row in await fetch(url, VERSIONS)} >= set(load.acknowledged)
            assert {reply.status_code for reply in load.refused} == {503}
            await end_leases(url, QUEUE)
            await eventually(lambda: is_every_case_advised(url))
            assert {tuple(row["versions"]) for row in await fetch(url, VERSIONS)} == {(1,)}
        await stop_cleanly(up)
