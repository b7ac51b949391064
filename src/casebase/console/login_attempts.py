"""How often a password may be tried, per client address and per account."""

from __future__ import annotations

from typing import Final

from starlette.requests import Request

from casebase.kernel.http.limits import RateLimiter
from casebase.kernel.runtime import Runtime

RULE: Final = "5/minute"


class LoginAttempts:
    """Count tries, shared by all processes where Redis is configured."""

    def __init__(self, runtime: Runtime) -> None:
        self._limiter = RateLimiter(runtime.settings, RULE)

    async def spend(self, request: Request, email: str) -> None:
        """Count one try; raise ``RateLimitedError`` when the address or the account has none left.

        The account counts whether it exists or not, so the refusal tells nothing.
        """
        await self._limiter.hit("console-login-address", request.scope)
        await self._limiter.hit_subject("console-login-account", email.strip().lower())

    async def close(self) -> None:
        """Close the connections to Redis."""
        await self._limiter.close()
