"""The PostgreSQL servers of a test run: one of each kind, shared by all xdist workers."""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import hashlib
import os
import secrets
import shutil
import tempfile
import threading
from collections import defaultdict
from collections.abc import Callable, Coroutine, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Literal, TypeVar

import asyncpg

from casebase.kernel.migrate import migrate_up
from casebase.kernel.module import Module, installed_modules
from casebase.kernel.platform.embedded import API_ROLE, EmbeddedServer, Installation
from tests.support.recycling import Pristine, connect, look, take_back

Kind = Literal["embedded", "debian15"]
T = TypeVar("T")

DEBIAN_15 = Path("/usr/lib/postgresql/15/bin")
_PREFIX = "casebase-tests-"
_RUN = "CASEBASE_TEST_RUN"

# A test's server is thrown away, so it need not outlive a power cut. What autovacuum sees of a database would keep it from
# being given on, and change plans from one minute to the next.
_FAST = {
    "autovacuum": "off",
    "fsync": "off",
    "full_page_writes": "off",
    "synchronous_commit": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "max_wal_size": "4GB",
    "checkpoint_timeout": "1h",
    "shared_buffers": "128MB",
}


class Server:
    """One server of this run, started by whichever worker needs it first."""

    def __init__(self, kind: Kind, run: Path) -> None:
        self.kind = kind
        self.process = EmbeddedServer(run / kind, installation=_installation(kind), settings=_FAST)
        self._run = run
        self._pristine: dict[str, Pristine] = {}
        self._spare: dict[str, list[str]] = defaultdict(list)
        self._template_of: dict[str, str] = {}
        self._connections: dict[str, asyncpg.Connection] = {}

    def start(self) -> None:
        self.process.ensure()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()

    def leave(self) -> None:
        """Let go of the server, which goes on for the run's other workers."""
        for url in list(self._connections):
            self._hang_up(url)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def create_database(self, modules: Sequence[Module] | None = None) -> str:
        """Create a database, empty or with the kernel and ``modules`` in it; return its owner's URL."""
        if modules is None:
            return self._create("template0")
        template = self._template(modules)
        if self._spare[template]:
            return self._spare[template].pop()
        url = self._create(template)
        # As migrate_up left the template: a copy doesn't take a database's own grants along.
        self._execute(f"revoke temporary on database {_name(url)} from public")
        if template not in self._pristine:
            self._pristine[template] = self._on(url, look)
        self._template_of[url] = template
        return url

    def drop_database(self, url: str) -> None:
        """Drop a database, or take back what was written to it and keep it for the next test."""
        template = self._template_of.get(url)
        if template is not None:
            if self._on(url, lambda connection: take_back(connection, self._pristine[template])):
                self._spare[template].append(url)
                return
            self._hang_up(url)
            del self._template_of[url]
        self._execute(f"drop database {_name(url)} with (force)")

    def _on(self, url: str, use: Callable[[asyncpg.Connection], Coroutine[Any, Any, T]]) -> T:
        """Use the connection that is kept to a database, opened again if a test ended it."""

        async def used() -> T:
            connection = self._connections.get(url)
            if connection is None or connection.is_closed():
                self._connections[url] = connection = await connect(url)
            return await use(connection)

        return asyncio.run_coroutine_threadsafe(used(), self._loop).result()

    def _hang_up(self, url: str) -> None:
        if connection := self._connections.pop(url, None):
            asyncio.run_coroutine_threadsafe(connection.close(), self._loop).result()

    def _create(self, template: str) -> str:
        name = f"test_{secrets.token_hex(6)}"
        # Three times as fast as wal_log where nothing is synced to disk.
        self._execute(f"create database {name} template {template} strategy file_copy")
        return self.process.url(database=name)

    def api_url(self, url: str) -> str:
        """Return the URL of the API's login role in the database whose owner's URL is ``url``."""
        return self.process.url(API_ROLE, _name(url))

    def _template(self, modules: Sequence[Module]) -> str:
        """Return a migrated database to clone; the first worker that asks makes it while the others wait."""
        key = hashlib.sha256(" ".join(module.package for module in modules).encode()).hexdigest()[:12]
        name = f"template_{key}"
        with (self._run / f"{self.kind}-{name}.lock").open("w") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            if not self._fetch("select exists (select from pg_database where datname = $1)", name):
                self._execute(f"drop database if exists {name}_new with (force)")  # of a failed attempt
                self._execute(f"create database {name}_new")
                run_sync(lambda: migrate_up(self.process.url(database=f"{name}_new"), modules))
                run_sync(self.process.set_login_password)
                # Renamed last: a template that exists is a finished one.
                self._execute(f"alter database {name}_new rename to {name}")
        return name

    def _execute(self, statement: str) -> None:
        self._fetch(statement)

    def _fetch(self, statement: str, *arguments: object) -> Any:
        async def fetch() -> Any:
            connection = await asyncpg.connect(self.process.url(database="postgres"))
            try:
                if not arguments:
                    return await connection.execute(statement)
                return await connection.fetchval(statement, *arguments)
            finally:
                await connection.close()

        return run_sync(fetch)


def chosen_kind() -> Kind:
    """Return the server that ``CASEBASE_TEST_SERVER`` asks for."""
    match os.environ.get("CASEBASE_TEST_SERVER", "embedded"):
        case "embedded":
            return "embedded"
        case "debian15":
            return "debian15"
        case other:
            raise ValueError(f"CASEBASE_TEST_SERVER is {other!r}; it can be 'embedded' or 'debian15'.")


def our_modules() -> tuple[Module, ...]:
    """Return the modules that ship with Casebase."""
    names = [module.name for module in installed_modules() if module.package.startswith("casebase.")]
    return installed_modules(names)


def run_folder() -> Path:
    """Return the folder that all processes of this test run share."""
    return Path(os.environ[_RUN])


def make_home() -> Path:
    """Make a home that the server's account can enter; pytest's own temporary folders are closed to it."""
    home = Path(tempfile.mkdtemp(prefix="home-", dir=run_folder()))
    home.chmod(0o755)
    return home


@contextlib.contextmanager
def shared_run() -> Iterator[None]:
    """Hold the run's folder; at the end, stop its servers and remove it. Only the controller enters here."""
    _sweep(Path(tempfile.gettempdir()).glob(f"{_PREFIX}*"))
    folder = Path(tempfile.mkdtemp(prefix=_PREFIX))
    folder.chmod(0o755)
    with (folder / "new.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        # Visible to others' sweeping only once it is held.
        (folder / "new.lock").rename(folder / "run.lock")
        outer = os.environ.get(_RUN)
        os.environ[_RUN] = str(folder)
        try:
            yield
        finally:
            if outer is None:
                del os.environ[_RUN]
            else:
                os.environ[_RUN] = outer
            _remove(folder)


def _sweep(folders: Iterable[Path]) -> None:
    """Remove what killed runs left behind: their lock is free."""
    for folder in folders:
        try:
            with (folder / "run.lock").open() as lock:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                _remove(folder)
        except OSError:
            continue  # alive, just being made, or somebody else's


def _remove(folder: Path) -> None:
    for home in folder.iterdir():
        if (home / "postgres").exists():
            EmbeddedServer(home, installation=_installation(home.name)).stop()
    shutil.rmtree(folder)


def _installation(kind: str) -> Installation:
    return Installation(DEBIAN_15, "15") if kind == "debian15" else Installation.shipped()


def _name(url: str) -> str:
    return url.rsplit("/", 1)[1]


def run_sync(function: Callable[[], Coroutine[Any, Any, T]]) -> T:
    """Run a coroutine in a thread of its own, so that synchronous fixtures serve async tests too."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(lambda: asyncio.run(function())).result()
