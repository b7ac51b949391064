"""How often a password may be tried, per client address and per account."""

from __future__ import annotations

from typing import Final

from starlette.requests import Request

from casebase.kernel.http.limits import RateLimiter
from casebase.kernel.runtime import Runtime

RULE: Final = "5/minute"


class LoginAttempts:
    """Count tries at a site's passwords, shared by all processes where Redis is configured."""

    def __init__(self, runtime: Runtime, site: str, *, address_rule: str = RULE) -> None:
        self._site = site
        self._accounts = RateLimiter(runtime.settings, RULE)
        self._addresses = RateLimiter(runtime.settings, address_rule)

    async def spend(self, request: Request, email: str) -> None:
        """Count one try; raise ``RateLimitedError`` when the address or the account has none left.

        The account counts whether it exists or not, so the refusal tells nothing.
        """
        await self._addresses.hit(f"{self._site}-login-address", request.scope)
        await self._accounts.hit_subject(f"{self._site}-login-account", email.strip().lower())

    async def close(self) -> None:
        """Close the connections to Redis."""
        await self._addresses.close()
        await self._accounts.close()
