"""A set of public signing keys at a URL, cached, refetched when it ages or when an unknown key id arrives."""

from __future__ import annotations

import asyncio
import json
import time
from pathlib import Path
from typing import Any, Final
from urllib.parse import SplitResult, urlsplit
from urllib.request import url2pathname

import httpx
import jwt
import structlog

from casebase.kernel.addresses import is_private_on_the_way
from casebase.kernel.errors import CasebaseError, ConfigurationError

ASYMMETRIC: Final = frozenset({"RS256", "ES256"})
log = structlog.get_logger("casebase.http.jwks")


class KeySetUnavailableError(CasebaseError):
    """The keys that verify tokens cannot be read right now."""

    code = "keys_unavailable"
    status = 503


class KeySet:
    """Find a key by its id and algorithm.

    A set older than ``max_age_s`` is refetched; an unknown key id refetches too, at most every
    ``min_refetch_s``, so that forged ids can't cause a flood. While the source is away, its last keys hold.
    """

    def __init__(self, url: str, *, max_age_s: float = 600, min_refetch_s: float = 10) -> None:
        self._url = url
        self._source = _checked(url)
        self._max_age_s = max_age_s
        self._min_refetch_s = min_refetch_s
        self._keys: list[jwt.PyJWK] = []
        self._tried_at = float("-inf")
        self._read_at = float("-inf")
        self._lock = asyncio.Lock()

    async def find(self, key_id: str | None, algorithm: str) -> jwt.PyJWK | None:
        """Return the key a token names; without ``kid``, the one of its algorithm, if there is just one."""
        if time.monotonic() - self._read_at > self._max_age_s:
            await self._refetch()
        key = self._lookup(key_id, algorithm)
        if key is None:
            await self._refetch()
            key = self._lookup(key_id, algorithm)
        if not self._keys:
            raise KeySetUnavailableError
        return key

    def _lookup(self, key_id: str | None, algorithm: str) -> jwt.PyJWK | None:
        fitting = [
            key
            for key in self._keys
            if key.algorithm_name == algorithm and (key_id is None or key.key_id == key_id)
        ]
        return fitting[0] if len(fitting) == 1 else None

    async def _refetch(self) -> None:
        async with self._lock:
            if time.monotonic() - self._tried_at < self._min_refetch_s:
                return
            self._tried_at = time.monotonic()
            try:
                self._keys = _usable(json.loads(await self._read()))
                self._read_at = time.monotonic()
            except (OSError, httpx.HTTPError, ValueError, jwt.PyJWTError) as error:
                log.warning("key_set_not_read", error_type=type(error).__name__)

    async def _read(self) -> bytes:
        if self._source.scheme == "file":
            return await asyncio.to_thread(Path(url2pathname(self._source.path)).read_bytes)
        async with httpx.AsyncClient(timeout=5) as client:
            response = await client.get(self._url)
            response.raise_for_status()
            return response.content


def _checked(url: str) -> SplitResult:
    source = urlsplit(url)
    if source.scheme == "file" or is_private_on_the_way(url):
        return source
    raise ConfigurationError(
        "CASEBASE_JWT_JWKS_URL must be an https: or file: URL.",
        hint="http: serves the loopback address only.",
    )


def _usable(document: Any) -> list[jwt.PyJWK]:
    if not isinstance(document, dict) or not isinstance(document.get("keys"), list):
        raise ValueError("not a JWK set")
    found = []
    for entry in document["keys"]:
        # A set may hold keys for other uses, symmetric ones among them: those never verify a token here.
        if (
            not isinstance(entry, dict)
            or entry.get("kty") not in ("RSA", "EC")
            or entry.get("use", "sig") != "sig"
        ):
            continue
        try:
            key = jwt.PyJWK(entry)
        except jwt.PyJWTError:
            continue
        if key.algorithm_name in ASYMMETRIC:
            found.append(key)
    return found
