"""The processes of one data folder: whether they live, how they are launched, how they are ended.

Whether they live is told by a lock, not by a process id. The postmaster inherits an open, locked file and so
does each process it forks; the operating system drops the lock with the last of them. A stale pid file, a
reused process id, a zombie nobody reaps, another container on the same volume: none of them misleads us,
since a free lock proves that nobody touches the data.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import psutil

from casebase.kernel.platform.installation import Account, EmbeddedServerError, Installation

HOST = "127.0.0.1"
_POLL_S = 0.01
_LOG_LIMIT_BYTES = 10 * 1024 * 1024


class ServerStopError(EmbeddedServerError):
    """The embedded PostgreSQL did not stop in time."""

    code = "embedded_server_stop_failed"


@dataclass(frozen=True, slots=True)
class PidFile:
    """Hold what ``postmaster.pid`` claims; it proves nothing, since a killed server leaves it behind."""

    pid: int
    started_at: datetime
    port: int
    is_ready: bool

    @classmethod
    def read(cls, data: Path) -> PidFile | None:
        """Return the file's claims, or None while it is absent or half written."""
        try:
            lines = (data / "postmaster.pid").read_text("utf-8").splitlines()
            started_at = datetime.fromtimestamp(int(lines[2]), UTC)
            return cls(int(lines[0]), started_at, int(lines[3]), lines[7:8] == ["ready   "])
        except (FileNotFoundError, IndexError, ValueError):
            return None


@dataclass(frozen=True, slots=True)
class Postmaster:
    """Launch and end the server processes of one ``data`` folder, under the home's lock."""

    data: Path
    lock: Path
    log: Path

    def is_alive(self) -> bool:
        """Tell whether any process of the server lives, be it a mere orphan of a killed postmaster."""
        try:
            with self.lock.open() as file:
                # Shared, so that two who look at once do not take each other for the server.
                fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except FileNotFoundError:
            return False
        except BlockingIOError:
            return True
        return False

    def answering_port(self, installation: Installation) -> int | None:
        """Return the port on which the living server accepts connections, or None."""
        claim = PidFile.read(self.data)
        if claim is None or not claim.is_ready or not self.is_alive():
            return None
        pg_isready = installation.program("pg_isready")
        probe = subprocess.run(
            [pg_isready, "-q", "-t", "3", "-h", HOST, "-p", str(claim.port)], env=environment()
        )
        return claim.port if probe.returncode == 0 else None

    def launch(
        self, installation: Installation, account: Account, settings: Mapping[str, str], patience_s: float
    ) -> int | None:
        """Start the server; return its port once it answers, or None when it gave up (the log says why)."""
        options = [argument for item in settings.items() for argument in ("-c", "=".join(item))]
        with self._claimed() as descriptor, self._open_log() as log:
            # The lock we hold proves it stale; PostgreSQL would believe it were the process id in use again.
            (self.data / "postmaster.pid").unlink(missing_ok=True)
            # The shell leaves at once: the server is nobody's child, outlives us and is never our zombie.
            launcher = ["/bin/sh", "-c", 'exec "$@" &', "sh"]
            subprocess.run(
                [*launcher, installation.program("postgres"), "-D", self.data, *options],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                pass_fds=(descriptor,),
                start_new_session=True,
                cwd="/",
                env=environment(),
                check=True,
                **account.switch,
            )
        return self.settle(installation, patience_s)

    def settle(self, installation: Installation, patience_s: float) -> int | None:
        """Wait until the server answers (its port) or is gone (None); crash recovery may take its time."""
        port: int | None = None

        def is_settled() -> bool:
            nonlocal port
            port = self.answering_port(installation)
            return port is not None or not self.is_alive()

        _wait(is_settled, patience_s)
        return port

    def end_orphans(self, patience_s: float) -> None:
        """End what a killed postmaster left behind: a backend in a long query doesn't notice its death."""
        claim = PidFile.read(self.data)
        if not self.is_alive() or (claim is not None and self._is_ours(claim.pid)):
            return
        for process in psutil.process_iter():
            if self._is_ours(process.pid):
                with contextlib.suppress(psutil.NoSuchProcess):
                    process.kill()
        if not _wait(lambda: not self.is_alive(), patience_s):
            raise ServerStopError(detail={"data": str(self.data)})

    def end(self, patience_s: float) -> None:
        """Stop the server, disconnecting its clients; return when its last process is gone."""
        for request in (signal.SIGINT, signal.SIGQUIT):
            claim = PidFile.read(self.data)
            if claim is None or not self._is_ours(claim.pid):
                break
            with contextlib.suppress(ProcessLookupError):
                os.kill(claim.pid, request)
            if _wait(lambda: not self.is_alive(), patience_s):
                return
        self.end_orphans(patience_s)

    def last_words(self) -> str:
        """Return why the server ended: the last line of its log that says so."""
        try:
            lines = self.log.read_text("utf-8", "replace").splitlines()[-30:]
        except FileNotFoundError:
            return ""
        fatal = [line for line in lines if "FATAL" in line or "PANIC" in line or "error" in line]
        return (fatal or lines or [""])[-1]

    def _is_ours(self, pid: int) -> bool:
        """Tell whether ``pid`` is a living PostgreSQL process of this data folder, not a reused id."""
        try:
            process = psutil.Process(pid)
            # A zombie has no working folder.
            return process.name().startswith("postgres") and process.cwd() == str(self.data)
        except (psutil.NoSuchProcess, psutil.AccessDenied):
            return False

    @contextlib.contextmanager
    def _claimed(self) -> Iterator[int]:
        """Hold the lock exclusively; whoever inherits the descriptor keeps it held."""
        descriptor = os.open(self.lock, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            while True:
                try:
                    fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    break
                except BlockingIOError:
                    time.sleep(_POLL_S)  # somebody looks, for an instant
            yield descriptor
        finally:
            os.close(descriptor)

    @contextlib.contextmanager
    def _open_log(self) -> Iterator[int]:
        """Open the log for appending; a large one is put aside first, so two files bound its size."""
        with contextlib.suppress(FileNotFoundError):
            if self.log.stat().st_size > _LOG_LIMIT_BYTES:
                self.log.replace(self.log.with_suffix(".log.1"))
        descriptor = os.open(self.log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            yield descriptor
        finally:
            os.close(descriptor)


def environment() -> dict[str, str]:
    """Return a plain environment, so that no PGPORT, PGOPTIONS or locale of ours changes the server."""
    return {"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"}


def _wait(condition: Callable[[], bool], patience_s: float) -> bool:
    """Poll until ``condition`` holds; return whether it did within ``patience_s`` seconds."""
    deadline = time.monotonic() + patience_s
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(_POLL_S)
    return True
