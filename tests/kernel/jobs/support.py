"""What the job tests run and stop: workers, gates."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass

import asyncpg

from casebase.kernel.jobs import Worker
from casebase.kernel.runtime import Runtime
from tests.kernel.jobs.handlers import WORK
from tests.support.requires import ROOT
from tests.support.waiting import PATIENCE_S


@contextlib.asynccontextmanager
async def working(runtime: Runtime, *, lease_s: int = 30, poll_s: float = 30.0) -> AsyncIterator[None]:
    """Run a worker of this process inside the block."""
    stop = asyncio.Event()
    worker = asyncio.create_task(Worker(runtime, [WORK], lease_s=lease_s, poll_s=poll_s).run(stop))
    try:
        yield
    finally:
        stop.set()
        await worker


@dataclass(frozen=True, slots=True)
class Gate:
    """A door that gated jobs wait at: closed while the test holds the lock."""

    owner: asyncpg.Connection
    number: int = 17

    async def close(self) -> None:
        await self.owner.execute("select pg_advisory_lock($1)", self.number)

    async def open(self) -> None:
        await self.owner.execute("select pg_advisory_unlock($1)", self.number)


class WorkerProcess:
    """A worker that signals can be sent to."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self.pid = process.pid

    def send(self, number: signal.Signals) -> None:
        os.kill(self.pid, number)

    async def says(self, event: str) -> None:
        """Wait until the worker logs ``event``."""
        assert self._process.stdout is not None
        async with asyncio.timeout(PATIENCE_S):
            while event.encode() not in (line := await self._process.stdout.readline()):
                assert line, f"the worker ended before it said {event}"

    async def exit_status(self) -> int:
        async with asyncio.timeout(PATIENCE_S):
            return await self._process.wait()


@contextlib.asynccontextmanager
async def worker_process(url: str, *, lease_s: int = 30, grace_s: float = 20) -> AsyncIterator[WorkerProcess]:
    """Run a worker in a process of its own."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.kernel.jobs.worker_process", url, str(lease_s), str(grace_s)),
        cwd=ROOT,
        stdout=asyncio.subprocess.PIPE,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    )
    try:
        yield WorkerProcess(process)
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()  # closes the pipe as well
