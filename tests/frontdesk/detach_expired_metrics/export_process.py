"""A process that keeps metrics as the job does, and is killed after so many of its steps.

Called with the database's URL, a home, the moment that its clock stands at, and the number of calls and files that it
gets to see the end of.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from casebase.kernel.config import load_settings
from casebase.kernel.db import Database, Session
from casebase.kernel.files import FileStore
from casebase.kernel.jobs import JobContext
from casebase.kernel.runtime import Runtime
from casebase.modules.frontdesk import MODULE
from casebase.modules.frontdesk.maintenance import keep_metrics


def dying_after(steps: int) -> None:
    """Count what is called and stored, and die when it is done, before anybody hears of it."""
    left = steps

    def counted(step: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
        async def run(*arguments: Any, **named: Any) -> Any:
            nonlocal left
            result = await step(*arguments, **named)
            left -= 1
            if not left:
                os.kill(os.getpid(), signal.SIGKILL)
            return result

        return run

    Session.call = counted(Session.call)  # type: ignore[assignment, method-assign]
    FileStore.put = counted(FileStore.put)  # type: ignore[assignment, method-assign]


async def main(url: str, home: str, moment: str, steps: str) -> None:
    offset = datetime.fromisoformat(moment) - datetime.now(UTC)
    settings = load_settings(home=Path(home), clock_offset=offset)
    async with await Database.connect(url, clock_offset=offset) as database:
        runtime = Runtime(settings, (MODULE,), database, url)
        dying_after(int(steps))
        await keep_metrics(JobContext(runtime, runtime.session()))


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
