"""What a running process is made of: handed to HTTP, console, worker and scheduler, so none of them builds its own."""

from __future__ import annotations

import asyncio
import json
import os
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path

from casebase.kernel.cache import Cache
from casebase.kernel.clock import Clock
from casebase.kernel.config import Settings
from casebase.kernel.db import SERVICE, Database, Principal, Session
from casebase.kernel.files import FileStore
from casebase.kernel.module import Module


@dataclass(frozen=True, slots=True)
class Runtime:
    """Settings, modules, database and secrets of one process."""

    settings: Settings
    modules: tuple[Module, ...]
    database: Database
    direct_url: str = field(repr=False)
    """The API role's URL for connections of their own: LISTEN does not work through a transaction pooler."""
    jwt_secret: str | None = field(repr=False, default=None)
    """HS256 secret; ``None`` when only a JWKS is trusted."""
    session_secret: str = field(repr=False, default_factory=lambda: secrets.token_urlsafe(32))
    """Signs the console's cookies."""
    files: FileStore = field(init=False, repr=False)
    """Where uploaded files are; opened by its first use."""
    cache: Cache = field(init=False, repr=False)
    """Texts that can be read again from the database; connected by its first use."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "files", FileStore(self.settings))
        object.__setattr__(self, "cache", Cache(self.settings))

    @property
    def clock(self) -> Clock:
        """The clock of this process."""
        return self.settings.clock

    def session(self, principal: Principal = SERVICE) -> Session:
        """Bind a principal to the database."""
        return self.database.session(principal)


@dataclass(frozen=True, slots=True)
class Keys:
    """The two signing secrets of an installation."""

    jwt: str | None = field(repr=False)
    session: str = field(repr=False)


def load_keys(settings: Settings) -> Keys:
    """Take the secrets from the settings; make and keep in ``home`` (mode 0600) those that are absent.

    Installations of several machines set ``CASEBASE_JWT_SECRET`` and ``CASEBASE_SESSION_SECRET``, as ``home`` is local.
    """
    jwt = settings.jwt_secret.get_secret_value() if settings.jwt_secret else None
    session = settings.session_secret.get_secret_value() if settings.session_secret else None
    if session is None or (jwt is None and settings.jwt_jwks_url is None):
        kept = _kept_keys(settings.home / "keys.json")
        session = session or kept["session"]
        if settings.jwt_jwks_url is None:
            jwt = jwt or kept["jwt"]
    return Keys(jwt, session)


def _kept_keys(path: Path) -> dict[str, str]:
    path.parent.mkdir(parents=True, exist_ok=True)
    made = json.dumps({"jwt": secrets.token_urlsafe(48), "session": secrets.token_urlsafe(48)})
    # Two processes may start at once: write aside, then link, which fails for the second, so both read the first's.
    aside = path.with_suffix(f".{os.getpid()}-{secrets.token_hex(4)}")
    if not path.exists():
        aside.touch(mode=0o600)
        aside.write_text(made, encoding="utf-8")
        try:
            os.link(aside, path)
        except FileExistsError:
            pass
        finally:
            aside.unlink()
    keys: dict[str, str] = json.loads(path.read_text(encoding="utf-8"))
    return keys


async def run_until(stop: asyncio.Event, *services: Callable[[asyncio.Event], Awaitable[None]]) -> None:
    """Run services side by side until ``stop`` is set or one of them fails, then let the others end in order."""
    tasks = [asyncio.ensure_future(service(stop)) for service in services]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        stop.set()
    for result in await asyncio.gather(*tasks, return_exceptions=True):
        if isinstance(result, BaseException):
            raise result
