"""A worker of the toy module in a process of its own; its arguments are URL, lease and grace."""

from __future__ import annotations

import asyncio
import signal
import sys

from casebase.kernel.config import Settings
from casebase.kernel.db import Database
from casebase.kernel.jobs import Worker
from casebase.kernel.runtime import Runtime
from tests.kernel.jobs.handlers import TOY, WORK


async def main(url: str, lease_s: int, grace_s: float) -> None:
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    async with await Database.connect(url) as database:
        runtime = Runtime(Settings(), (TOY,), database, url)
        await Worker(runtime, [WORK], lease_s=lease_s, grace_s=grace_s).run(stop)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], int(sys.argv[2]), float(sys.argv[3])))
