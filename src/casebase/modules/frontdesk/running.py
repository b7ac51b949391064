"""What the front desk keeps while an application runs."""

from __future__ import annotations

from starlette.requests import HTTPConnection

from casebase.kernel.runtime import Runtime
from casebase.modules.frontdesk.phi.customers import CustomerNames
from casebase.modules.frontdesk.phi.scanner import Scanner
from casebase.modules.frontdesk.settings import load_frontdesk_settings


class FrontdeskService:
    """Made once for an application: whatever outlives a request of the front desk is here."""

    def __init__(self, runtime: Runtime) -> None:
        load_frontdesk_settings()  # what is wrong there is met at the start, and not by a job at night
        self.customer_names = CustomerNames(runtime.session())
        self.scanner = Scanner()

    async def start(self) -> None:
        """Nothing of it needs the database before it is asked for."""

    def stop(self) -> None:
        """No response waits for long."""

    async def close(self) -> None:
        """End what runs."""
        self.scanner.close()
        await self.customer_names.close()


def frontdesk_of(connection: HTTPConnection) -> FrontdeskService:
    """Return the service of the application that a request came to."""
    service: FrontdeskService = connection.app.state.services["frontdesk"]
    return service
