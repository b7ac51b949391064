"""A worker of the module in a process of its own, to be killed; its arguments are URL and queue."""

from __future__ import annotations

import asyncio
import sys

from casebase.kernel.config import Settings
from casebase.kernel.db import Database
from casebase.kernel.jobs import Worker
from casebase.kernel.runtime import Runtime
from casebase.modules.notifications import MODULE


async def main(url: str, queue: str) -> None:
    """Work until killed; the lease is short, so that another takes over soon."""
    async with await Database.connect(url) as database:
        await Worker(Runtime(Settings(), (MODULE,), database, url), [queue], lease_s=2).run(asyncio.Event())


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
