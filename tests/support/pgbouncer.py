"""A PgBouncer of the test's own, in transaction mode before the run's server."""

from __future__ import annotations

import asyncio
import os
import pwd
import socket
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import unquote, urlsplit

import asyncpg

from tests.support import postgres
from tests.support.requires import program
from tests.support.waiting import PATIENCE_S

SERVER_CONNECTIONS = 10

_SETTINGS = """
[databases]
{database} = host={host} port={server_port} dbname={database}

[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {port}
unix_socket_dir =
auth_type = scram-sha-256
auth_file = {folder}/users.txt
logfile = {folder}/log
pool_mode = transaction
max_client_conn = 500
default_pool_size = {connections}
"""


@dataclass
class PgBouncer:
    """The pooler before one database, for the login of ``direct_url``; as Debian ships it but for these settings."""

    direct_url: str
    folder: Path
    port: int = field(init=False)
    _process: subprocess.Popen[bytes] | None = None

    def __post_init__(self) -> None:
        with socket.create_server(("127.0.0.1", 0)) as listener:
            self.port = listener.getsockname()[1]
        server = urlsplit(self.direct_url)
        settings = _SETTINGS.format(
            database=server.path[1:],
            host=server.hostname,
            server_port=server.port,
            port=self.port,
            folder=self.folder,
            connections=SERVER_CONNECTIONS,
        )
        (self.folder / "pgbouncer.ini").write_text(settings)
        (self.folder / "users.txt").write_text(f'"{server.username}" "{unquote(server.password or "")}"\n')

    @property
    def url(self) -> str:
        server = urlsplit(self.direct_url)
        return server._replace(netloc=f"{server.username}:{server.password}@127.0.0.1:{self.port}").geturl()

    async def start(self) -> None:
        """Start it, and wait until it lets somebody through to the server."""
        # It refuses to run as root.
        user = {"user": "nobody", "group": pwd.getpwnam("nobody").pw_gid} if os.geteuid() == 0 else {}
        self._process = subprocess.Popen(
            [program("pgbouncer"), "--quiet", self.folder / "pgbouncer.ini"],
            stderr=subprocess.DEVNULL,
            extra_groups=[] if user else None,
            **user,
        )
        async with asyncio.timeout(PATIENCE_S):
            while True:
                try:
                    connection = await asyncpg.connect(self.url, statement_cache_size=0)
                except (OSError, asyncpg.PostgresError):
                    assert self._process.poll() is None, (self.folder / "log").read_text()
                    await asyncio.sleep(0.02)
                else:
                    await connection.close()
                    return

    def kill(self) -> None:
        """End it at once, with all its connections."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None


@asynccontextmanager
async def pgbouncer(direct_url: str) -> AsyncIterator[PgBouncer]:
    """Run a PgBouncer beside the block."""
    program("pgbouncer")
    with TemporaryDirectory(prefix="pgbouncer-", dir=postgres.run_folder()) as name:
        folder = Path(name)
        folder.chmod(0o777)  # its log is written by an account without rights
        pooler = PgBouncer(direct_url, folder)
        await pooler.start()
        try:
            yield pooler
        finally:
            pooler.kill()
