"""Rate limits of anonymous endpoints, per client address."""

from __future__ import annotations

import hashlib
import math
import time
from ipaddress import IPv6Address, ip_address
from typing import TYPE_CHECKING, Final

import limits
import structlog
from limits.aio.storage import MemoryStorage
from limits.aio.strategies import MovingWindowRateLimiter
from limits.errors import StorageError
from limits.storage import storage_from_string
from starlette.types import Scope

from casebase.kernel.config import Settings
from casebase.kernel.errors import ConfigurationError, RateLimitedError

if TYPE_CHECKING:
    from redis.asyncio import ConnectionPool

_REDIS_PAUSE_S: Final = 5
log = structlog.get_logger("casebase.http.limits")


class RateLimiter:
    """Count requests in a moving window, in Redis where processes share one, else in memory.

    While Redis is away each process counts for itself: a limit that is looser for a moment is better than a
    public form that refuses everyone.
    """

    def __init__(self, settings: Settings, rule: str | None = None) -> None:
        try:
            self._rule = limits.parse(rule or settings.public_rate_limit)
        except ValueError:
            raise ConfigurationError("CASEBASE_PUBLIC_RATE_LIMIT is not a rate like 30/minute.") from None
        self._trusted_proxy_count = settings.trusted_proxy_count
        self._local = MovingWindowRateLimiter(MemoryStorage())
        self._shared: MovingWindowRateLimiter | None = None
        self._pool: ConnectionPool | None = None
        self._pepper = b"casebase"
        self._shared_back_at = 0.0
        if settings.redis_url is not None:
            url = settings.redis_url.get_secret_value()
            # Whoever shares the Redis shares its URL, so all processes give one address one key.
            self._pepper = hashlib.sha256(url.encode()).digest()
            self._pool = _redis_pool(url)
            storage = storage_from_string(
                f"async+{url}",
                implementation="redispy",
                wrap_exceptions=True,
                key_prefix="casebase",
                connection_pool=self._pool,  # type: ignore[arg-type]  # documented by limits, not in its types
            )
            self._shared = MovingWindowRateLimiter(storage)

    async def close(self) -> None:
        """Close the connections to Redis."""
        if self._pool is not None:
            await self._pool.aclose()

    async def hit(self, endpoint: str, scope: Scope) -> None:
        """Count a request of the client to ``endpoint``; raise ``RateLimitedError`` if it is one too many."""
        await self.hit_subject(endpoint, client_address(scope, self._trusted_proxy_count))

    async def hit_subject(self, endpoint: str, subject: str) -> None:
        """Count a request about ``subject`` (an address, an account) like ``hit``."""
        await self._ask(endpoint, subject, is_counted=True)

    async def check_subject(self, endpoint: str, subject: str) -> None:
        """Raise what ``hit_subject`` would, and count nothing."""
        await self._ask(endpoint, subject, is_counted=False)

    async def _ask(self, endpoint: str, subject: str, *, is_counted: bool) -> None:
        client = self._key(subject)
        if self._shared is not None and time.monotonic() >= self._shared_back_at:
            try:
                await self._require(self._shared, endpoint, client, is_counted)
            except StorageError as error:
                self._shared_back_at = time.monotonic() + _REDIS_PAUSE_S
                log.warning("shared_limits_unavailable", error_type=type(error.storage_error).__name__)
            else:
                return
        await self._require(self._local, endpoint, client, is_counted)

    async def _require(
        self, limiter: MovingWindowRateLimiter, endpoint: str, client: str, is_counted: bool
    ) -> None:
        has_room = limiter.hit if is_counted else limiter.test
        if not await has_room(self._rule, endpoint, client):
            window = await limiter.get_window_stats(self._rule, endpoint, client)
            raise RateLimitedError(retry_after=max(1, math.ceil(window.reset_time - time.time())))

    def _key(self, address: str) -> str:
        # An address is personal data, and the counters may outlive the process: only its keyed hash is kept.
        return hashlib.blake2b(address.encode(), key=self._pepper, digest_size=16).hexdigest()


def _redis_pool(url: str) -> ConnectionPool:
    try:
        from redis.asyncio import ConnectionPool

        return ConnectionPool.from_url(url, socket_timeout=1, socket_connect_timeout=1)
    except (ImportError, ValueError) as error:
        raise ConfigurationError(
            "CASEBASE_REDIS_URL cannot be used.",
            hint="Install casebase[redis]; the URL starts with redis://.",
        ) from error


def client_address(scope: Scope, trusted_proxy_count: int) -> str:
    """Return the peer's address, or the one that the outermost trusted proxy noted in X-Forwarded-For.

    An IPv6 client owns its whole /64, so that is what counts.
    """
    address = (scope.get("client") or ("", 0))[0]
    if trusted_proxy_count:
        forwarded = ",".join(v.decode("latin-1") for k, v in scope["headers"] if k == b"x-forwarded-for")
        hops = [hop.strip() for hop in forwarded.split(",") if hop.strip()]
        if hops:
            address = _without_port(hops[-min(trusted_proxy_count, len(hops))])
    try:
        parsed = ip_address(address)
    except ValueError:
        return str(address)
    if isinstance(parsed, IPv6Address):
        if parsed.ipv4_mapped is not None:
            return str(parsed.ipv4_mapped)
        return str(IPv6Address(int(parsed) >> 64 << 64)) + "/64"
    return str(parsed)


def _without_port(hop: str) -> str:
    """Return the address of a hop that a proxy noted with its port, ``192.0.2.1:5000`` or ``[2001:db8::1]:5000``."""
    if hop.startswith("["):
        return hop[1:].partition("]")[0]
    return hop.partition(":")[0] if hop.count(":") == 1 else hop
