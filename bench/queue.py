"""Measure how fast one worker drains 10,000 no-op jobs: ours with the fence on, PgQueuer, Procrastinate.

All three use one embedded server at its product settings (every commit is synced), a database each, and their own
defaults; they take turns in one process, so all meet the same machine. The clock runs from the worker's start until
it returns with every job acknowledged, which is checked. Targets: 5 times Procrastinate, and ahead of PgQueuer.
"""

from __future__ import annotations

import sys
from pathlib import Path

if sys.path[0] == str(Path(__file__).parent):
    sys.path.pop(0)  # run as a script, this file would be found for the standard library's queue

import asyncio
import logging
import os
import shutil
import tempfile
from collections.abc import Awaitable, Callable
from statistics import median
from time import perf_counter

import asyncpg
import procrastinate
import structlog
from pgqueuer import PgQueuer
from pgqueuer.db import AsyncpgDriver
from pgqueuer.models import Job as PgQueuerJob
from pgqueuer.types import QueueExecutionMode

from casebase.kernel.config import Settings
from casebase.kernel.db import Database
from casebase.kernel.jobs import Job, JobContext, Queues, Worker
from casebase.kernel.migrate import migrate_up
from casebase.kernel.module import JobHandler, Module
from casebase.kernel.platform.embedded import API_ROLE, EmbeddedServer
from casebase.kernel.runtime import Runtime

JOBS = 10_000
ROUNDS = 3
TARGET_PROCRASTINATE = 5.0
TARGET_PGQUEUER = 1.0

QUEUE = "bench"
MODULE = Module("bench", "casebase", "Benchmark", jobs=(JobHandler(QUEUE, f"{__name__}:no_op"),))


async def no_op(_job: Job, _context: JobContext) -> None:
    """Do nothing, successfully."""


async def casebase_seconds(server: EmbeddedServer) -> float:
    """Drain with our worker, which settles each job under its fence."""
    url = server.url(API_ROLE, "casebase")
    async with await Database.connect(url) as database:
        queues = Queues(database)
        await queues.create(QUEUE)
        await database.pool.execute(
            f"select casebase.enqueue('{QUEUE}', '{{}}') from generate_series(1, {JOBS})"
        )
        worker = Worker(Runtime(Settings(), (MODULE,), database, url), [QUEUE])
        return await _timed(
            worker.drain, lambda: database.pool.fetchval("select casebase.drop_jobs($1)", QUEUE)
        )


async def pgqueuer_seconds(server: EmbeddedServer) -> float:
    """Drain with PgQueuer over asyncpg, its own way to drain."""
    connection = await asyncpg.connect(server.url(database="pgqueuer"))
    try:
        queue = PgQueuer(AsyncpgDriver(connection))

        @queue.entrypoint(QUEUE)
        async def pgqueuer_no_op(_job: PgQueuerJob) -> None:
            pass

        await queue.queries.enqueue([QUEUE] * JOBS, [None] * JOBS, [0] * JOBS)
        return await _timed(
            lambda: queue.run(mode=QueueExecutionMode.drain),
            lambda: connection.fetchval("select count(*) from pgqueuer"),
        )
    finally:
        await connection.close()


async def procrastinate_seconds(server: EmbeddedServer) -> float:
    """Drain with Procrastinate over its psycopg connector."""
    app = procrastinate.App(
        connector=procrastinate.PsycopgConnector(conninfo=server.url(database="procrastinate"))
    )

    @app.task(name=QUEUE, queue=QUEUE)
    async def procrastinate_no_op() -> None:
        pass

    async def left() -> int:
        row = await app.connector.execute_query_one_async(
            "select count(*) as jobs from procrastinate_jobs where status <> 'succeeded'"
        )
        return int(row["jobs"])

    async with app.open_async():
        await procrastinate_no_op.batch_defer_async(*({} for _ in range(JOBS)))
        return await _timed(lambda: app.run_worker_async(wait=False, install_signal_handlers=False), left)


async def _timed(drain: Callable[[], Awaitable[object]], left: Callable[[], Awaitable[int]]) -> float:
    start = perf_counter()
    await drain()
    seconds = perf_counter() - start
    if count := await left():
        raise SystemExit(f"{count} jobs were left")
    return seconds


async def prepare(server: EmbeddedServer) -> None:
    """Give each system a database with its schema."""
    await migrate_up(server.url(), ())
    await server.set_login_password()
    connection = await asyncpg.connect(server.url())
    for name in ("pgqueuer", "procrastinate"):
        await connection.execute(f"create database {name}")
    await connection.close()

    connection = await asyncpg.connect(server.url(database="pgqueuer"))
    await PgQueuer(AsyncpgDriver(connection)).queries.install()
    await connection.close()

    app = procrastinate.App(
        connector=procrastinate.PsycopgConnector(conninfo=server.url(database="procrastinate"))
    )
    async with app.open_async():
        await app.schema_manager.apply_schema_async()


async def measure(server: EmbeddedServer) -> int:
    """Print jobs a second and their ratios; return 1 when a target is missed."""
    await prepare(server)
    systems = {
        "Casebase": casebase_seconds,
        "PgQueuer": pgqueuer_seconds,
        "Procrastinate": procrastinate_seconds,
    }
    seconds: dict[str, list[float]] = {name: [] for name in systems}
    for _ in range(ROUNDS):
        for name, system in systems.items():
            seconds[name].append(await system(server))
    rates = {name: JOBS / median(times) for name, times in seconds.items()}

    print(f"{os.cpu_count()} cores, {JOBS} no-op jobs, one worker, median of {ROUNDS} rounds")
    for name, rate in rates.items():
        print(f"{name:14} {rate:8.0f} jobs/s   {rate / rates['Procrastinate']:6.2f}")
    to_procrastinate = rates["Casebase"] / rates["Procrastinate"]
    to_pgqueuer = rates["Casebase"] / rates["PgQueuer"]
    reached = to_procrastinate >= TARGET_PROCRASTINATE and to_pgqueuer > TARGET_PGQUEUER
    print(f"Casebase / Procrastinate {to_procrastinate:6.2f}   target {TARGET_PROCRASTINATE}")
    print(f"Casebase / PgQueuer      {to_pgqueuer:6.2f}   target {TARGET_PGQUEUER}")
    print("targets reached" if reached else "targets MISSED")
    return 0 if reached else 1


def main() -> int:
    """Start a server for this run alone, measure, and remove it."""
    logging.disable(logging.WARNING)  # none of the three pays for a terminal
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    folder = Path(tempfile.mkdtemp(prefix="casebase-bench-"))
    folder.chmod(0o755)
    server = EmbeddedServer(folder)
    try:
        server.ensure()
        return asyncio.run(measure(server))
    finally:
        server.stop()
        shutil.rmtree(folder)


if __name__ == "__main__":
    sys.exit(main())
