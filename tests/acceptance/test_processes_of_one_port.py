"""What Prometheus reads of processes that share a port: the same sums, whichever of them answers, and never less."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import socket
import subprocess
from collections.abc import AsyncIterator, Mapping
from pathlib import Path

import httpx
import pytest

from casebase.kernel.db import SERVICE
from tests.acceptance.product import Running, environment, fetch, started
from tests.support.requires import program
from tests.support.tokens import JWT_SECRET, token
from tests.support.waiting import eventually

pytestmark = pytest.mark.xdist_group("acceptance")

CALLS = 'casebase_rpc_calls_total{function="touch_nothing",outcome="ok"}'
TIMED = 'casebase_rpc_seconds_count{function="touch_nothing"}'
REQUESTS = 'casebase_http_requests_total{method="POST",route="/rest/v1/rpc/{function}",status="200"}'
FUNCTION = """
    create function public.touch_nothing() returns int language sql set search_path = '' as 'select 1';
    grant execute on function public.touch_nothing to service_role
"""


class Shared:
    """A port with two processes behind it, each request on a connection of its own, so that either may answer."""

    def __init__(self, serve: Running, address: str) -> None:
        self.serve = serve
        self._address = address
        self._seen: dict[str, float] = {}

    async def call(self, count: int) -> None:
        async def one() -> None:
            reply = await self._send("POST", "/rest/v1/rpc/touch_nothing")
            assert reply.status_code == 200, reply.text

        for _ in range(count // 10):
            await asyncio.gather(*(one() for _ in range(10)))

    async def text(self) -> str:
        return (await self._send("GET", "/metrics")).text

    async def scrape(self) -> dict[str, float]:
        """Read the metrics; what only ever grows must not be less than when it was read before."""
        text = await self.text()
        kinds = dict(re.findall(r"^# TYPE (\w+) (\w+)$", text, re.MULTILINE))
        found: dict[str, float] = {}
        for series, name, value in re.findall(r"^((\w+)(?:\{.*\})?) (\S+)$", text, re.MULTILINE):
            found[series] = float(value)
            family = kinds.get(name) or kinds[re.sub(r"_(bucket|count|sum)$", "", name)]
            if family in ("counter", "histogram"):
                assert found[series] >= self._seen.get(series, 0), series
                self._seen[series] = found[series]
        assert found.keys() >= self._seen.keys()
        return found

    def workers(self) -> set[int]:
        """Return the ids of the processes that serve."""
        parent = self.serve.process.pid
        children = Path(f"/proc/{parent}/task/{parent}/children").read_text().split()
        return {pid for pid in map(int, children) if b"spawn_main" in _command(pid)}

    async def _send(self, method: str, path: str) -> httpx.Response:
        async with httpx.AsyncClient(base_url=self._address, timeout=30) as client:
            headers = {"Authorization": f"Bearer {token(SERVICE)}"}
            return await client.request(method, path, headers=headers)


def _command(pid: int) -> bytes:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""


@pytest.fixture
def env(tmp_path: Path, database: str, api_url: str) -> Mapping[str, str]:
    return environment(
        tmp_path / "home",
        database_url=database,
        api_database_url=api_url,
        jwt_secret=JWT_SECRET,
        rate_limit="1000000/minute",
    )


@pytest.fixture
async def shared(env: Mapping[str, str], database: str, tmp_path: Path) -> AsyncIterator[Shared]:
    await fetch_all(database, FUNCTION)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    address = f"http://127.0.0.1:{port}"
    with started("serve", "--port", str(port), "--workers", "2", env=env) as serve:
        shared = Shared(serve, address)

        async def is_up() -> bool:
            assert serve.process.poll() is None, serve.said()
            try:
                return "casebase_pool_size 20.0" in await shared.text()
            except httpx.TransportError:
                return False

        await eventually(is_up)
        yield shared
        serve.process.send_signal(signal.SIGTERM)
        assert await serve.ended() == 0, serve.said()
    assert not list((tmp_path / "home").glob("metrics-*"))


async def fetch_all(url: str, statements: str) -> None:
    for statement in filter(str.strip, statements.split(";")):
        await fetch(url, statement)


async def test_counters_are_the_sums_of_all_and_never_fall(shared: Shared) -> None:
    for round_ in range(1, 4):
        await shared.call(40)
        for _ in range(12):
            await shared.scrape()

        async def are_all_told(expected: int = 40 * round_) -> bool:
            found = await shared.scrape()
            assert max(found[CALLS], found[TIMED], found[REQUESTS]) <= expected
            return found[CALLS] == found[TIMED] == found[REQUESTS] == expected

        await eventually(are_all_told)
    for _ in range(20):
        found = await shared.scrape()
        assert (found[CALLS], found[TIMED], found[REQUESTS]) == (120, 120, 120)
        assert found["casebase_pool_size"] == 20


async def test_promtool_finds_nothing_to_say_of_shared_metrics(shared: Shared) -> None:
    await shared.call(20)
    checked = await asyncio.to_thread(
        subprocess.run,
        [program("promtool"), "check", "metrics"],
        input=await shared.text(),
        capture_output=True,
        text=True,
    )
    assert (checked.returncode, checked.stdout, checked.stderr) == (0, "", "")


async def test_what_a_killed_process_told_stays_counted(shared: Shared) -> None:
    await shared.call(40)

    async def are_all_told() -> bool:
        return (await shared.scrape())[CALLS] == 40

    await eventually(are_all_told)
    killed = min(shared.workers())
    os.kill(killed, signal.SIGKILL)

    async def is_replaced() -> bool:
        return len(shared.workers() - {killed}) == 2

    await eventually(is_replaced)

    async def are_both_counted() -> bool:
        return (await shared.scrape())["casebase_pool_size"] == 20

    await eventually(are_both_counted)
    await shared.call(20)

    async def are_the_new_told_too() -> bool:
        return (await shared.scrape())[CALLS] == 60

    await eventually(are_the_new_told_too)
