"""A cache of texts: in Redis where processes share one, else in memory."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Final

import structlog
from cachetools import TTLCache

from casebase.kernel.config import Settings
from casebase.kernel.errors import ConfigurationError

if TYPE_CHECKING:
    from redis.asyncio import Redis

_PREFIX: Final = "casebase:cache:"
_REDIS_PAUSE_S: Final = 5
log = structlog.get_logger("casebase.cache")


class Cache:
    """Keep texts for a while; any of them may be gone at any time, and a Redis that is away is an empty one.

    Nothing is ever taken out: whoever reads what can change puts its version into the key, so that no process can
    miss a change.
    """

    def __init__(self, settings: Settings, *, size: int = 10_000, ttl_s: int = 600) -> None:
        self._url = settings.redis_url
        self._ttl_s = ttl_s
        self._kept: TTLCache[str, str] = TTLCache(size, ttl_s)
        self._redis: Redis | None = None
        self._redis_back_at = 0.0

    async def get(self, key: str) -> str | None:
        """Return what was put under the key, if it is still there."""
        if self._url is None:
            return self._kept.get(key)
        found = await self._ask(lambda redis: redis.get(_PREFIX + key))
        return found if isinstance(found, str) else None

    async def put(self, key: str, text: str) -> None:
        """Keep a text under a key for as long as the cache keeps anything."""
        if self._url is None:
            self._kept[key] = text
        else:
            await self._ask(lambda redis: redis.set(_PREFIX + key, text, ex=self._ttl_s))

    async def close(self) -> None:
        """Close the connections to Redis."""
        if self._redis is not None:
            await self._redis.aclose()

    async def _ask(self, ask: Callable[[Redis], Awaitable[object]]) -> object:
        if time.monotonic() < self._redis_back_at:
            return None
        redis = self._redis = self._redis or self._connect()
        from redis.exceptions import RedisError

        try:
            return await ask(redis)
        except (RedisError, OSError) as error:
            self._redis_back_at = time.monotonic() + _REDIS_PAUSE_S
            log.warning("shared_cache_unavailable", error_type=type(error).__name__)
            return None

    def _connect(self) -> Redis:
        assert self._url is not None
        try:
            from redis.asyncio import Redis

            return Redis.from_url(
                self._url.get_secret_value(),
                socket_timeout=1,
                socket_connect_timeout=1,
                decode_responses=True,
            )
        except (ImportError, ValueError) as error:
            raise ConfigurationError(
                "CASEBASE_REDIS_URL cannot be used.",
                hint="Install casebase[redis]; the URL starts with redis://.",
            ) from error
