"""The product as its users run it: the command in a process of its own, watched from outside."""

from __future__ import annotations

import contextlib
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import asyncpg
import httpx

from tests.support.waiting import eventually

COMMAND = Path(sys.executable).with_name("casebase")


def environment(home: Path, **settings: str) -> dict[str, str]:
    """Return this process's environment with no setting of Casebase but those given."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("CASEBASE_")}
    named = {f"CASEBASE_{name.upper()}": value for name, value in settings.items()}
    return {**kept, "CASEBASE_HOME": str(home), "CASEBASE_LOG_LEVEL": "warning", **named}


def casebase(
    *arguments: str,
    env: Mapping[str, str],
    command: Path = COMMAND,
    cwd: Path | None = None,
    stdin: str | None = None,
) -> subprocess.CompletedProcess[str]:
    """Run one command to its end."""
    return subprocess.run(
        [str(command), *arguments],
        env=dict(env),
        cwd=cwd,
        input=stdin,
        capture_output=True,
        text=True,
        timeout=180,
    )


@dataclass
class Running:
    """A command that stays up, and what it has said so far."""

    process: subprocess.Popen[bytes]
    output: Path

    def said(self) -> str:
        return self.output.read_text(encoding="utf-8")

    async def address(self) -> str:
        """Wait until the process has told where it listens."""

        async def find() -> str | None:
            assert self.process.poll() is None, self.said()
            found = re.search(r"http://[\d.]+:\d+", self.said())
            return found and found[0]

        return await eventually(find)

    async def client(self) -> httpx.AsyncClient:
        return httpx.AsyncClient(base_url=await self.address(), timeout=30)

    def kill(self) -> None:
        """End it as a crash does."""
        self.process.kill()
        self.process.wait()

    async def ended(self) -> int:
        """Wait for its exit status."""

        async def status() -> tuple[int] | None:
            code = self.process.poll()
            return None if code is None else (code,)

        return (await eventually(status))[0]


@contextlib.contextmanager
def started(*arguments: str, env: Mapping[str, str], command: Path = COMMAND) -> Iterator[Running]:
    """Run a command beside the block; kill it afterwards where the block did not end it."""
    with tempfile.TemporaryDirectory() as folder:
        output = Path(folder) / "output"
        with output.open("wb") as file:
            process = subprocess.Popen(
                [str(command), *arguments], env=dict(env), stdout=file, stderr=subprocess.STDOUT
            )
        with process:
            try:
                yield Running(process, output)
            finally:
                process.kill()


async def fetch(url: str, query: str, *arguments: object) -> list[asyncpg.Record]:
    """Run one statement as the database's owner."""
    connection = await asyncpg.connect(url)
    try:
        return await connection.fetch(query, *arguments)
    finally:
        await connection.close()


async def end_leases(url: str, queue: str) -> None:
    """Let the leases of killed workers end now, which is all that waiting for half a minute would do."""
    await fetch(url, f"update pgmq.q_{queue} set vt = clock_timestamp()")
