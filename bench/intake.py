"""Measure intake and reading of cases with 200,000 present, and the memory of API and worker meanwhile.

The API and a worker run as users run them (``casebase serve``, ``casebase worker``) on one embedded server at its
product settings. Leads are posted and cases read over HTTP and, for comparison, by RPC over the pool: the difference is
what HTTP costs. The worker advises every lead while it is measured. Targets: p99 under 50 ms, each process under
150 MB of resident memory.
"""

from __future__ import annotations

import asyncio
import contextlib
import copy
import os
import random
import socket
import subprocess
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from statistics import quantiles
from time import perf_counter
from typing import Any

import asyncpg
import httpx
import jwt
import psutil

from casebase.app import prepare_database
from casebase.kernel.config import Settings
from casebase.kernel.db import SERVICE, Database
from casebase.kernel.platform.embedded import EmbeddedServer
from casebase.kernel.runtime import load_keys
from casebase.modules.mortgage.demo import LEADS
from tests.mortgage.many_cases import make_many_cases

CASES = 200_000
CALLS = 2_000
TARGET_MS = 50.0
TARGET_MB = 150.0


async def main() -> int:
    """Print the measures of one run; return 1 when a target is missed."""
    with tempfile.TemporaryDirectory(prefix="casebase-bench-", ignore_cleanup_errors=True) as folder:
        os.chmod(folder, 0o755)
        settings = Settings(home=Path(folder) / "home", public_rate_limit="1000000/second")
        server = EmbeddedServer(settings.home)
        try:
            await prepare_database(settings)
            owner = await asyncpg.connect(server.url())
            await make_many_cases(owner, CASES)
            tenant = await owner.fetchval("select casebase.default_tenant()")
            sample = await owner.fetch(
                "select id from scenario_cases where tenant_id = $1 order by random() limit $2", tenant, CALLS
            )
            # What making the cases left to write would otherwise be written while calls are timed.
            await owner.execute("checkpoint")
            await owner.close()
            return await measure(settings, server, [str(row["id"]) for row in sample])
        finally:
            server.discard()


async def measure(settings: Settings, server: EmbeddedServer, case_ids: list[str]) -> int:
    """Run the processes and call them."""
    rng = random.Random(1)

    def lead() -> dict[str, Any]:
        form = copy.deepcopy(dict(rng.choice(LEADS)))
        form["inputs"]["loan_amount"] = rng.randrange(100_000, 3_000_000)
        return form

    milliseconds: dict[str, list[float]] = {}
    with processes(settings) as (address, memory):
        await until_ready(address)
        idle = memory()
        token = {"Authorization": f"Bearer {service_token(settings)}"}
        async with (
            await Database.connect(server.api_url, pool_size=1) as database,
            httpx.AsyncClient(base_url=address, timeout=30) as http,
        ):
            session = database.session(SERVICE)

            async def post() -> None:
                (await http.post("/v1/mortgage/leads", json=lead())).raise_for_status()

            async def get() -> None:
                response = await http.get(f"/v1/mortgage/cases/{rng.choice(case_ids)}", headers=token)
                response.raise_for_status()

            operations: dict[str, Callable[[], Awaitable[Any]]] = {
                "create_scenario_case, RPC": lambda: session.call(
                    "create_scenario_case", {"payload": lead()}
                ),
                "get_scenario_case, RPC": lambda: session.call(
                    "get_scenario_case", {"case_id": rng.choice(case_ids)}
                ),
                "create_scenario_case, HTTP": post,
                "get_scenario_case, HTTP": get,
            }
            for name, call in operations.items():
                milliseconds[name] = await timed(call)
        busy = memory()

    print(f"{CASES:,} cases present, {CALLS:,} calls each, one at a time, a worker advising meanwhile")
    is_met = True
    for name, times in milliseconds.items():
        cuts = quantiles(times, n=100)
        is_met &= cuts[98] < TARGET_MS
        print(
            f"{name:28} p50 {cuts[49]:6.1f} ms   p99 {cuts[98]:6.1f} ms   {cuts[98] / TARGET_MS:5.2f} of the target"
        )
    for name in idle:
        is_met &= busy[name] < TARGET_MB
        print(
            f"{name + ', resident memory':28} idle {idle[name]:5.0f} MB   after {busy[name]:5.0f} MB   "
            f"{busy[name] / TARGET_MB:5.2f} of the target"
        )
    print("targets met" if is_met else "a target is MISSED")
    return 0 if is_met else 1


async def timed(call: Callable[[], Awaitable[Any]]) -> list[float]:
    """Return the milliseconds of each of ``CALLS`` calls in a row, after a short warm-up."""
    for _ in range(20):
        await call()
    found: list[float] = []
    for _ in range(CALLS):
        start = perf_counter()
        await call()
        found.append((perf_counter() - start) * 1000)
    return found


@contextlib.contextmanager
def processes(settings: Settings) -> Iterator[tuple[str, Callable[[], dict[str, float]]]]:
    """Run API and worker; yield the API's address and a function that reads their resident memory in MB."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    environment = {
        **os.environ,
        "CASEBASE_HOME": str(settings.home),
        "CASEBASE_PUBLIC_RATE_LIMIT": settings.public_rate_limit,
        "CASEBASE_LOG_LEVEL": "warning",
    }
    started = {
        "API": subprocess.Popen(["casebase", "serve", "--port", str(port)], env=environment),
        "Worker": subprocess.Popen(["casebase", "worker"], env=environment),
    }

    def memory() -> dict[str, float]:
        return {
            name: psutil.Process(process.pid).memory_info().rss / 2**20 for name, process in started.items()
        }

    try:
        yield f"http://127.0.0.1:{port}", memory
    finally:
        for process in started.values():
            process.terminate()
        for process in started.values():
            process.wait(30)


async def until_ready(address: str) -> None:
    """Wait until the API answers and has its database."""
    async with asyncio.timeout(60), httpx.AsyncClient(base_url=address) as http:
        while True:
            with contextlib.suppress(httpx.TransportError):
                if (await http.get("/readyz")).status_code == 200:
                    return
            await asyncio.sleep(0.1)


def service_token(settings: Settings) -> str:
    """Return a token of the service role, signed with the installation's secret."""
    secret = load_keys(settings).jwt
    assert secret is not None
    claims = {"role": "service_role", "aud": settings.jwt_audience, "exp": int(time.time()) + 3600}
    return jwt.encode(claims, secret, algorithm="HS256")


if __name__ == "__main__":
    raise SystemExit(asyncio.run(main()))
