"""How often a password may be tried, per client address and per account."""

from __future__ import annotations

from typing import Final

from starlette.requests import Request

from casebase.kernel.errors import RateLimitedError
from casebase.kernel.http.limits import RateLimiter
from casebase.kernel.runtime import Runtime

_RULE: Final = "5/minute"
# A class of learners comes from one address.
_CROWD_RULE: Final = "60/minute"


class LoginAttempts:
    """Count tries at passwords, shared by all processes where Redis is configured.

    An application has one for all its sites: a second door gives nobody more tries.
    """

    def __init__(self, runtime: Runtime) -> None:
        self._strict = RateLimiter(runtime.settings, _RULE)
        self._crowd = RateLimiter(runtime.settings, _CROWD_RULE)

    async def spend(self, request: Request, email: str, *, is_for_crowds: bool = False) -> None:
        """Count one try; raise ``RateLimitedError`` when the address or the account has none left.

        The account counts whether it exists or not, so the refusal tells nothing. A site that ``is_for_crowds`` lets
        an address try more often, and asks ``may_try_staff`` before it looks at such an account's password.
        """
        await (self._crowd if is_for_crowds else self._strict).hit("login-address", request.scope)
        await self._strict.hit_subject("login-account", email.strip().lower())

    async def may_try_staff(self, request: Request) -> bool:
        """Count one try of the address as the console does; tell whether it had one left.

        Told, and not raised: who is refused must not learn by it that the account is one of staff.
        """
        try:
            await self._strict.hit("login-address", request.scope)
        except RateLimitedError:
            return False
        return True

    async def close(self) -> None:
        """Close the connections to Redis."""
        await self._strict.close()
        await self._crowd.close()
