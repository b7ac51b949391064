from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import asyncpg
import pytest

from casebase.kernel.platform.embedded import DataVersionError, EmbeddedServer, ServerNotStartedError
from tests.support.postgres import make_home


@pytest.fixture(scope="module")
def running() -> Iterator[EmbeddedServer]:
    """A server that runs, for tests that only look at it."""
    server = EmbeddedServer(make_home())
    server.ensure()
    yield server
    server.stop()


async def fetch(url: str, query: str) -> object:
    connection = await asyncpg.connect(url)
    try:
        return await connection.fetchval(query)
    finally:
        await connection.close()


class TestEnsure:
    async def test_starts_a_durable_server_with_the_product_s_database(self, running: EmbeddedServer) -> None:
        settings = (
            "array[current_database(), current_setting('fsync'), current_setting('synchronous_commit')]"
        )
        assert await fetch(running.url(), f"select {settings}") == ["casebase", "on", "on"]

    def test_leaves_a_running_server_alone(self, running: EmbeddedServer) -> None:
        before = running.status()
        EmbeddedServer(running.home).ensure()
        assert running.status() == before

    def test_keeps_the_address_over_a_restart(self, casebase_home: Path) -> None:
        server = EmbeddedServer(casebase_home)
        url = server.ensure()
        server.stop()
        assert server.ensure() == url

    async def test_moves_to_another_port_when_its_own_is_taken(self, casebase_home: Path) -> None:
        server = EmbeddedServer(casebase_home)
        old = urlsplit(server.ensure()).port
        server.stop()
        with socket.create_server(("127.0.0.1", old or 0)):
            url = server.ensure()
            assert urlsplit(url).port != old
            assert await fetch(url, "select 1") == 1

    async def test_knows_upper_and_lower_case_of_all_letters(self, running: EmbeddedServer) -> None:
        assert await fetch(running.url(), "select upper('åøé')") == "ÅØÉ"

    def test_refuses_data_of_another_major_version(self, casebase_home: Path) -> None:
        (casebase_home / "postgres" / "17" / "data").mkdir(parents=True)
        with pytest.raises(DataVersionError) as refusal:
            EmbeddedServer(casebase_home).ensure()
        assert refusal.value.detail["found"] == ["17"]
        assert refusal.value.hint is not None


class TestAccess:
    async def test_listens_on_loopback_alone(self, running: EmbeddedServer) -> None:
        assert await fetch(running.url(), "show listen_addresses") == "127.0.0.1"
        assert await fetch(running.url(), "show unix_socket_directories") == ""

    async def test_refuses_a_wrong_password(self, running: EmbeddedServer) -> None:
        port = running.status().port
        with pytest.raises(asyncpg.InvalidPasswordError):
            await asyncpg.connect(f"postgresql://postgres:guess@127.0.0.1:{port}/casebase")

    async def test_logs_no_data_of_failed_statements(self, casebase_home: Path) -> None:
        server = EmbeddedServer(casebase_home)
        connection = await asyncpg.connect(server.ensure())
        await connection.execute("create table people (email text primary key)")
        await connection.execute("insert into people values ('mei@example.com')")
        with pytest.raises(asyncpg.UniqueViolationError):
            await connection.execute("insert into people values ('mei@example.com')")
        await connection.close()
        server.stop()
        assert "mei@example.com" not in server.status().log.read_text()


class TestStatus:
    def test_is_absent_and_creates_nothing_before_the_first_start(self, tmp_path: Path) -> None:
        assert EmbeddedServer(tmp_path / "home").status().state == "absent"
        assert not (tmp_path / "home").exists()

    def test_tells_address_and_process_of_a_running_server(self, running: EmbeddedServer) -> None:
        status = running.status()
        assert (status.state, status.port) == ("running", urlsplit(running.url()).port)
        assert status.pid is not None
        assert status.started_at is not None
        assert status.version.startswith("18.")

    def test_is_stopped_after_stop(self, casebase_home: Path) -> None:
        server = EmbeddedServer(casebase_home)
        server.ensure()
        server.stop()
        assert (server.status().state, server.status().pid) == ("stopped", None)


class TestStop:
    async def test_ends_the_server_while_clients_are_connected(self, casebase_home: Path) -> None:
        server = EmbeddedServer(casebase_home)
        url = server.ensure()
        connection = await asyncpg.connect(url)
        assert server.stop() is True
        with pytest.raises((OSError, asyncpg.PostgresError, asyncpg.InterfaceError)):
            await connection.fetchval("select 1")
        with pytest.raises(OSError):
            await asyncpg.connect(url)

    def test_has_nothing_to_stop_twice(self, casebase_home: Path) -> None:
        server = EmbeddedServer(casebase_home)
        assert server.stop() is False
        server.ensure()
        server.stop()
        assert server.stop() is False


def test_url_is_refused_before_the_first_start(casebase_home: Path) -> None:
    with pytest.raises(ServerNotStartedError):
        EmbeddedServer(casebase_home).url()
