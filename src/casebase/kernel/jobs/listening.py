"""A module's listener: look at once when a channel is notified, look anyway now and then.

A notification wakes and says nothing else, so a lost one delays its work and never loses it.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable

import structlog

from casebase.kernel.db.listener import listen
from casebase.kernel.jobs.queue import JobContext
from casebase.kernel.module import Listener, resolve

Look = Callable[[JobContext], Awaitable[None]]

_log = structlog.get_logger(__name__)
_RETRY_S = 1.0


class Listening:
    """Run one listener of a module: what it declares, in which context, LISTEN on a connection to ``url``."""

    def __init__(self, listener: Listener, context: JobContext, url: str) -> None:
        self._listener = listener
        self._context = context
        self._url = url
        self._run_handler: Look = resolve(listener.run)
        self._wake = asyncio.Event()

    async def run(self, stop: asyncio.Event, grace_s: float) -> None:
        """Look until ``stop`` is set; a look under way may go on for the grace."""
        channel = asyncio.create_task(listen(self._url, self._listener.channel, lambda _: self._wake.set()))
        stopped = asyncio.create_task(stop.wait())
        looking = woken = None
        try:
            while not stop.is_set():
                self._wake.clear()
                looking = asyncio.create_task(self.look())
                await asyncio.wait({looking, stopped}, return_when=asyncio.FIRST_COMPLETED)
                await asyncio.wait({looking}, timeout=grace_s)
                if stop.is_set():
                    return
                # After a failure no notification hurries, and no long poll waits.
                woken = asyncio.create_task(
                    self._wake.wait() if looking.result() else asyncio.sleep(_RETRY_S)
                )
                # Spread, so that many workers do not poll in step.
                patience = self._listener.poll_s * random.uniform(0.75, 1)  # noqa: S311
                await asyncio.wait({woken, stopped}, timeout=patience, return_when=asyncio.FIRST_COMPLETED)
                woken.cancel()
        finally:
            ended = [task for task in (channel, stopped, looking, woken) if task is not None]
            for task in ended:
                task.cancel()
            await asyncio.gather(*ended, return_exceptions=True)

    async def look(self) -> bool:
        """Call the handler once; a failure is logged, and false."""
        try:
            async with asyncio.timeout(self._listener.timeout_s):
                await self._run_handler(self._context)
        except Exception as error:
            # The text may quote people; the type and the code do not.
            _log.warning(
                "listener_failed",
                channel=self._listener.channel,
                error=type(error).__name__,
                error_code=getattr(error, "code", None),
            )
            return False
        return True
