"""What practice keeps while an application runs."""

from __future__ import annotations

from starlette.requests import HTTPConnection

from casebase.kernel.runtime import Runtime
from casebase.modules.practice.event_log import EventLog


class PracticeService:
    """Made once for an application: whatever outlives a request of practice is here."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self.log = EventLog(runtime.session(), runtime.clock)

    async def close(self) -> None:
        """End what runs."""
        # Last, as what ends may have something to note.
        await self.log.close()


def practice_of(connection: HTTPConnection) -> PracticeService:
    """Return the service of the application that a request came to."""
    service: PracticeService = connection.app.state.services["practice"]
    return service
