"""The embedded PostgreSQL: one server per home folder, shared by every process that asks for it.

Whether the server lives is told by a lock, not by a process id. The postmaster inherits an open, locked file and so
does each process it forks; the operating system drops the lock with the last of them. A stale ``postmaster.pid``, a
reused process id, a zombie nobody reaps or another container on the same volume therefore cannot mislead us: a free
lock proves that nobody touches the data.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import random
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

import asyncpg
import psutil

from casebase.kernel.platform.installation import (
    SHARED_STATE,
    Account,
    EmbeddedServerError,
    Installation,
    make_folder,
)
from casebase.kernel.platform.server_record import ServerRecord

HOST = "127.0.0.1"
DATABASE = "casebase"
OWNER = "postgres"
API_ROLE = "casebase_api"

SETTINGS: Mapping[str, str] = {
    "listen_addresses": HOST,
    "unix_socket_directories": "",
    "password_encryption": "scram-sha-256",
    "fsync": "on",
    "full_page_writes": "on",
    "synchronous_commit": "on",
    "max_connections": "200",
    "shared_buffers": "256MB",
    "random_page_cost": "1.1",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "lc_messages": "C",
    "log_checkpoints": "off",
    # A failed statement's text and DETAIL hold people's data. The client gets its error; the log does not.
    "log_min_messages": "log",
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
}

# Below the ephemeral range: a client that keeps dialling a stopped server could otherwise be given the very port it
# dials, connect to itself and hold the port.
_PORTS = range(20_000, 32_768)
_PATIENCE_S = 60.0
_POLL_S = 0.01
_LOG_LIMIT_BYTES = 10 * 1024 * 1024


class ServerStartError(EmbeddedServerError):
    """The embedded PostgreSQL did not start."""

    code = "embedded_server_start_failed"


class ServerStopError(EmbeddedServerError):
    """The embedded PostgreSQL did not stop in time."""

    code = "embedded_server_stop_failed"


class ServerNotStartedError(EmbeddedServerError):
    """The embedded PostgreSQL has never been started in this home."""

    code = "embedded_server_not_started"


class HomeUnusableError(EmbeddedServerError):
    """The home folder cannot be written or belongs to someone else."""

    code = "home_unusable"


class DataVersionError(EmbeddedServerError):
    """The home's data was written by another major version of PostgreSQL."""

    code = "embedded_server_data_version"


@dataclass(frozen=True, slots=True)
class ServerStatus:
    """Tell how the embedded server of one home is doing."""

    state: Literal["absent", "stopped", "starting", "running"]
    version: str
    data: Path
    log: Path
    port: int | None = None
    pid: int | None = None
    started_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class _Postmaster:
    """The content of ``postmaster.pid``; a claim, not a proof."""

    pid: int
    started_at: datetime
    port: int
    ready: bool


class EmbeddedServer:
    """Start, watch and stop the PostgreSQL of one home folder; safe to use from many processes at once."""

    def __init__(
        self,
        home: Path,
        *,
        installation: Installation | None = None,
        settings: Mapping[str, str] | None = None,
    ) -> None:
        """Name the server of ``home``; ``settings`` change PostgreSQL's configuration at the next start."""
        self.home = home.absolute()
        self.installation = installation or Installation.shipped()
        self._settings = {**SETTINGS, **(settings or {})}

    # -- the public door -------------------------------------------------------------------------------------------

    def ensure(self) -> str:
        """Return the owner's URL, starting the server first where it does not answer."""
        record = ServerRecord.load(self._record_path)
        if record is None or record.port is None or not self._answers(record.port):
            with self._exclusive():
                record = self._bring_up()
        return self._url(record, OWNER, DATABASE)

    def stop(self) -> bool:
        """Stop the server, ending its connections; return whether there was one to stop."""
        if not self._folder.exists():
            return False
        with self._exclusive():
            return self._bring_down()

    def status(self) -> ServerStatus:
        """Look without touching: never starts, writes or waits."""
        common = {"version": self.installation.version, "data": self._data, "log": self._log_path}
        if not (self._data / "PG_VERSION").exists():
            return ServerStatus("absent", **common)
        if not self._is_alive():
            return ServerStatus("stopped", **common)
        postmaster = self._read_postmaster()
        if postmaster is None:
            return ServerStatus("starting", **common)
        return ServerStatus(
            "running" if postmaster.ready else "starting",
            port=postmaster.port,
            pid=postmaster.pid,
            started_at=postmaster.started_at,
            **common,
        )

    def url(self, role: str = OWNER, database: str = DATABASE) -> str:
        """Return the URL of ``role``, whether or not the server runs; raise ``ServerNotStartedError``."""
        return self._url(self._record(), role, database)

    @property
    def api_url(self) -> str:
        """The URL of the API's login role, which the migrations create."""
        return self.url(API_ROLE)

    async def set_login_password(self, role: str = API_ROLE) -> str:
        """Give the existing login role its password unless it has it; return the role's URL."""
        url = self.url(role)
        try:
            await (await asyncpg.connect(url)).close()
        except asyncpg.InvalidPasswordError:
            connection = await asyncpg.connect(self.url())
            try:
                async with connection.transaction():
                    # Roles belong to the cluster, advisory locks to a database: all callers use this database.
                    await connection.execute("select pg_advisory_xact_lock(hashtext('set_login_password'))")
                    statement = await connection.fetchval(
                        "select format('alter role %I password %L', $1::text, $2::text)",
                        role,
                        self._record().passwords[role],
                    )
                    await connection.execute(statement)
            finally:
                await connection.close()
        return url
