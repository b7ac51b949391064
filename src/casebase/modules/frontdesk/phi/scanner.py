"""Where long texts are scanned: beside the event loop, and beside whatever else works there."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Final

from casebase.kernel.errors import RateLimitedError
from casebase.modules.frontdesk.phi.scan import PhiScan

MOST_SCANS: Final = 16
"""How many texts are scanned or wait at a time in a process: the last of them waits for some seconds."""
_RETRY_S: Final = 2


class TooManyScansError(RateLimitedError):
    """Too many long texts wait to be scanned; try again in a moment, or send shorter ones."""

    code = "too_many_scans"


class Scanner:
    """Scan one text after another in a thread of its own.

    Two at once would be done no sooner, for they share the interpreter, and the event loop would wait longer for its
    turn. The threads that passwords are checked and files are read in stay free.
    """

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="casebase-phi-scan")
        self._count = 0

    async def run(self, scan: Callable[[], PhiScan]) -> PhiScan:
        """Return what a scan found once it had its turn; raise ``TooManyScansError`` if too many are before it."""
        if self._count >= MOST_SCANS:
            raise TooManyScansError(retry_after=_RETRY_S)
        self._count += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._thread, scan)
        finally:
            self._count -= 1

    def close(self) -> None:
        """Take no more texts; those that wait are given up."""
        self._thread.shutdown(wait=False, cancel_futures=True)
