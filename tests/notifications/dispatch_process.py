"""A worker of the dispatch in a process of its own; its arguments are URL, the clock's offset and the receiver's URL."""

from __future__ import annotations

import asyncio
import signal
import sys
from datetime import timedelta

from casebase.kernel.config import load_settings
from casebase.kernel.db import Database
from casebase.kernel.jobs import Worker
from casebase.kernel.runtime import Runtime
from casebase.modules.notifications import MODULE
from tests.notifications.dispatching import QUEUE, SECRET


async def main(url: str, offset_s: float, hook_url: str) -> None:
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    offset = timedelta(seconds=offset_s)
    settings = load_settings(clock_offset=offset, push_webhook_url=hook_url, push_webhook_secret=SECRET)
    async with await Database.connect(url, clock_offset=offset) as database:
        await Worker(Runtime(settings, (MODULE,), database, url), [QUEUE], lease_s=2).run(stop)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], float(sys.argv[2]), sys.argv[3]))
