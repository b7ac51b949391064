"""The embedded PostgreSQL: one server per home folder, shared by every process that asks for it.

    <home>/postgres-server.json    passwords by role and the last port, mode 0600
    <home>/postgres/18/data        the data, of the account that runs the server, mode 0700
    <home>/postgres/server.log     and beside it the two locks

``<home>/postgres`` is a link into ``/var/lib/casebase`` where root's home is closed to that account.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import random
import shutil
import socket
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Literal

import asyncpg

from casebase.kernel.platform.data_folder import DataFolder, DataVersionError, ServerStartError, open_private
from casebase.kernel.platform.installation import (
    Account,
    EmbeddedServerError,
    Installation,
    NoAccountError,
    ProgramsMissingError,
    make_folder,
    shared_folder,
)
from casebase.kernel.platform.postmaster import HOST, PidFile, Postmaster, ServerStopError
from casebase.kernel.platform.server_record import ServerRecord

__all__ = [
    "DataVersionError",
    "EmbeddedServer",
    "EmbeddedServerError",
    "HomeUnusableError",
    "Installation",
    "NoAccountError",
    "ProgramsMissingError",
    "ServerNotStartedError",
    "ServerStartError",
    "ServerStatus",
    "ServerStopError",
]

DATABASE = "casebase"
OWNER = "postgres"
API_ROLE = "casebase_api"

SETTINGS: Mapping[str, str] = {
    "cluster_name": "casebase",
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
    "log_checkpoints": "off",
    # A failed statement's text and DETAIL hold people's data. The client gets its error; the log does not.
    "log_min_messages": "log",
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
}

# Below the ephemeral range: a client that keeps dialling a stopped server could otherwise be given the very
# port it dials, connect to itself and hold the port.
_PORTS = range(20_000, 32_768)
_PORT_TRIES = 8
_PATIENCE_S = 60.0

ServerState = Literal["absent", "stopped", "starting", "running"]


class ServerNotStartedError(EmbeddedServerError):
    """The embedded PostgreSQL has never been started in this home."""

    code = "embedded_server_not_started"


class HomeUnusableError(EmbeddedServerError):
    """The home folder cannot be written or read; perhaps it belongs to someone else."""

    code = "home_unusable"


@dataclass(frozen=True, slots=True)
class ServerStatus:
    """Tell how the embedded server of one home is doing."""

    state: ServerState
    version: str
    data: Path
    log: Path
    port: int | None = None
    pid: int | None = None
    started_at: datetime | None = None


class EmbeddedServer:
    """Start, watch and stop the PostgreSQL of one home folder, from any number of processes at once."""

    def __init__(
        self,
        home: Path,
        *,
        installation: Installation | None = None,
        settings: Mapping[str, str] | None = None,
    ) -> None:
        """Name the server of ``home``; ``settings`` change PostgreSQL's configuration at its next start."""
        self.home = home.absolute()
        self.installation = installation or Installation.shipped()
        self._settings = {**SETTINGS, **(settings or {})}
        self._folder = self.home / "postgres"
        self._record_path = self.home / "postgres-server.json"

    def ensure(self) -> str:
        """Return the owner's URL, starting the server first where it does not answer."""
        with self._typed_file_errors():
            record = ServerRecord.load(self._record_path)
            port = self._postmaster.answering_port(self.installation)
            # A starter killed before it wrote the port down leaves a record of another one.
            if record is None or port is None or port != record.port:
                with self._exclusive():
                    self._bring_up()
            return self.url()

    def stop(self) -> bool:
        """Stop the server, disconnecting its clients; return whether there was one to stop."""
        with self._typed_file_errors():
            if not self._folder.exists():
                return False
            with self._exclusive():
                was_alive = self._postmaster.is_alive()
                self._postmaster.end(_PATIENCE_S)
                return was_alive

    def discard(self) -> None:
        """Stop the server and delete its data and passwords for good, wherever the data was put."""
        with self._typed_file_errors():
            self.stop()
            folder = self._folder.resolve()
            self._record_path.unlink(missing_ok=True)
            if self._folder.is_symlink():
                self._folder.unlink()
            if folder.exists():
                shutil.rmtree(folder)

    def status(self) -> ServerStatus:
        """Look without touching: start, write and wait for nothing."""
        postmaster = self._postmaster
        with self._typed_file_errors():
            claim = PidFile.read(postmaster.data) if postmaster.is_alive() else None
            state: ServerState
            if claim is not None:
                state = "running" if claim.is_ready else "starting"
            elif postmaster.is_alive():
                state = "starting"
            else:
                state = "stopped" if postmaster.data.exists() else "absent"
        return ServerStatus(
            state,
            ".".join(self.installation.version.split(".")[:2]),  # the wheel counts its builds behind these
            postmaster.data,
            postmaster.log,
            port=claim.port if claim else None,
            pid=claim.pid if claim else None,
            started_at=claim.started_at if claim else None,
        )

    def url(self, role: str = OWNER, database: str = DATABASE) -> str:
        """Return the URL of ``role``, whether or not the server runs; raise ``ServerNotStartedError``."""
        record = self._record()
        return f"postgresql://{role}:{record.passwords[role]}@{HOST}:{record.port}/{database}"

    @property
    def api_url(self) -> str:
        """The URL of the API's login role, which the migrations create."""
        return self.url(API_ROLE)

    async def set_login_password(self, role: str = API_ROLE) -> str:
        """Give an existing login role its password, unless it has it; return the role's URL."""
        url = self.url(role)
        try:
            await (await asyncpg.connect(url)).close()
        except asyncpg.InvalidPasswordError:
            connection = await asyncpg.connect(self.url())
            try:
                async with connection.transaction():
                    # Two ALTER ROLE at once fail. Roles are the cluster's and advisory locks a database's,
                    # so everyone locks in this database.
                    await connection.execute(
                        "select pg_advisory_xact_lock(hashtext('casebase_login_password'))"
                    )
                    statement = "select format('alter role %I password %L', $1::text, $2::text)"
                    password = self._record().passwords[role]
                    await connection.execute(await connection.fetchval(statement, role, password))
            finally:
                await connection.close()
        return url

    @property
    def _postmaster(self) -> Postmaster:
        folder = self._folder.resolve()
        data = folder / str(self.installation.major) / "data"
        return Postmaster(data, folder / "alive.lock", folder / "server.log")

    def _record(self) -> ServerRecord:
        with self._typed_file_errors():
            record = ServerRecord.load(self._record_path)
        if record is None or record.port is None:
            raise ServerNotStartedError(hint="Start it with: casebase db start")
        return record

    @contextlib.contextmanager
    def _exclusive(self) -> Iterator[None]:
        """Let one process at a time start or stop this home's server."""
        self._place()
        with open(self._folder / "server.lock", "ab", opener=open_private) as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield

    @contextlib.contextmanager
    def _typed_file_errors(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise HomeUnusableError(
                detail={"path": str(error.filename or self.home), "reason": error.strerror},
                hint="Set CASEBASE_HOME to a folder of your own, or CASEBASE_DATABASE_URL.",
            ) from error

    def _place(self) -> None:
        """Make the server's folder where its account can reach it."""
        if self._folder.exists():
            return
        account = Account.for_data(self._folder)
        make_folder(self.home, 0o700 if account.uid is None else 0o755)
        if account.can_enter(self.home):
            make_folder(self._folder)
            return
        # Root's private home. The name is derived, not random: whoever loses the link finds the data again.
        digest = hashlib.sha256(os.fsencode(self.home)).hexdigest()[:12]
        target = shared_folder(f"{self.home.name}-{digest}")
        with contextlib.suppress(FileExistsError):  # another process was faster
            self._folder.symlink_to(target)

    def _bring_up(self) -> None:
        """Start the server and record its port; the caller holds the home's lock."""
        postmaster = self._postmaster
        account = Account.for_data(postmaster.data.parent)
        installation = self.installation.reachable_by(account)
        postmaster.end_orphans(_PATIENCE_S)
        record = self._prepare(DataFolder(postmaster.data, installation, account), postmaster)
        port = postmaster.settle(installation, _PATIENCE_S)
        for _ in range(_PORT_TRIES):
            if port is not None or postmaster.is_alive():
                break
            wanted = _free_port(record.port)
            settings = {**self._settings, "port": str(wanted)}
            port = postmaster.launch(installation, account, settings, _PATIENCE_S)
            if port is None and _is_free(wanted):
                break  # it gave up, and not because somebody took the port in between
        if port is None:
            raise ServerStartError(detail={"log": str(postmaster.log), "reason": postmaster.last_words()})
        if port != record.port:
            record.port = port
            record.save()

    def _prepare(self, folder: DataFolder, postmaster: Postmaster) -> ServerRecord:
        """Return the record, with data that has its passwords; make whichever of the two is missing."""
        record = ServerRecord.load(self._record_path)
        if record is not None and folder.path.exists():
            return record
        if record is None:
            record = ServerRecord(self._record_path)
            record.add_role(OWNER)
            record.add_role(API_ROLE)
        if folder.path.exists():
            postmaster.end(_PATIENCE_S)  # it would go on with the lost passwords
            folder.set_passwords(record.passwords)
        else:
            folder.create(OWNER, record.passwords[OWNER], DATABASE)
        record.save()
        return record


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
        return True


def _free_port(preferred: int | None) -> int:
    """Return the port that clients already know if it is free, else another free one."""
    if preferred is not None and _is_free(preferred):
        return preferred
    # At random, no secret: two homes that start in the same moment should not try the same ports.
    return next(port for port in random.sample(_PORTS, len(_PORTS)) if _is_free(port))
