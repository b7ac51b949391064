from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path

import asyncpg
import psutil
import pytest

from casebase.kernel.platform.embedded import EmbeddedServer
from tests.kernel.platform.client import answer_of, client
from tests.support.requires import ROOT
from tests.support.waiting import eventually

# What a client sees when its server is gone.
GONE = (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError)


def kill_postmaster(server: EmbeddedServer) -> None:
    pid = server.status().pid
    assert pid is not None
    os.kill(pid, signal.SIGKILL)


async def test_no_acknowledged_row_is_lost_when_the_server_is_killed(casebase_home: Path) -> None:
    server = EmbeddedServer(casebase_home)
    connection = await asyncpg.connect(server.ensure())
    await connection.execute("create table ledger (id integer primary key)")
    acknowledged: list[int] = []
    enough = asyncio.Event()

    async def write() -> None:
        for number in range(1_000_000):
            await connection.execute("insert into ledger values ($1)", number)
            acknowledged.append(number)
            if number == 200:
                enough.set()

    writer = asyncio.create_task(write())
    await enough.wait()
    kill_postmaster(server)
    with pytest.raises(GONE):
        await writer
    connection = await asyncpg.connect(server.ensure())
    kept = {row["id"] for row in await connection.fetch("select id from ledger")}
    await connection.close()
    assert kept >= set(acknowledged)


async def test_a_query_that_outlives_the_killed_server_does_not_block_the_next(casebase_home: Path) -> None:
    server = EmbeddedServer(casebase_home)
    url = server.ensure()
    busy = await asyncpg.connect(url)
    watcher = await asyncpg.connect(url)
    loop = asyncio.create_task(busy.execute("do $$ begin loop perform 1; end loop; end $$"))
    running = "select exists (select from pg_stat_activity where query like 'do %' and state = 'active')"
    await eventually(lambda: watcher.fetchval(running))
    orphan = psutil.Process(busy.get_server_pid())
    kill_postmaster(server)
    connection = await asyncpg.connect(server.ensure())
    assert await connection.fetchval("select 1") == 1
    assert not orphan.is_running() or orphan.status() == psutil.STATUS_ZOMBIE
    with pytest.raises(GONE):
        await loop
    for each in (busy, watcher, connection):
        each.terminate()


async def test_a_stale_pid_file_that_names_a_living_process_does_not_block_the_start(
    casebase_home: Path,
) -> None:
    server = EmbeddedServer(casebase_home)
    server.ensure()
    pid_file = server.status().data / "postmaster.pid"
    claims = pid_file.read_text().splitlines()
    server.stop()
    owner = server.status().data.stat().st_uid
    # Of the server's own account: PostgreSQL takes such a process for another postmaster.
    stranger = subprocess.Popen(["sleep", "600"], user=owner if os.geteuid() == 0 else None)
    with stranger:
        try:
            pid_file.write_text("\n".join([str(stranger.pid), *claims[1:], ""]))
            os.chown(pid_file, owner, -1)
            connection = await asyncpg.connect(server.ensure())
            assert await connection.fetchval("select 1") == 1
            await connection.close()
            assert stranger.poll() is None
        finally:
            stranger.kill()


@pytest.mark.skipif(sys.platform != "linux", reason="needs Linux's prctl to keep the zombie")
def test_a_zombie_postmaster_does_not_block_the_start(casebase_home: Path) -> None:
    # As in a container whose first process reaps nobody.
    script = """
import ctypes, os, signal, sys
from pathlib import Path
import psutil
from casebase.kernel.platform.embedded import EmbeddedServer
PR_SET_CHILD_SUBREAPER = 36
assert ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) == 0
server = EmbeddedServer(Path(sys.argv[1]))
server.ensure()
postmaster = psutil.Process(server.status().pid)
postmaster.kill()
while postmaster.status() != psutil.STATUS_ZOMBIE:
    pass
server.ensure()
assert postmaster.status() == psutil.STATUS_ZOMBIE
print(server.status().state)
server.stop()
"""
    done = subprocess.run(
        [sys.executable, "-c", script, casebase_home], cwd=ROOT, capture_output=True, text=True, timeout=120
    )
    assert (done.stdout.strip(), done.stderr) == ("running", "")


def test_an_attempt_killed_half_way_through_creating_the_data_is_made_good(casebase_home: Path) -> None:
    server = EmbeddedServer(casebase_home)
    server.ensure()
    server.stop()
    data = server.status().data
    data.rename(data.with_name("data.new"))
    (data.with_name("data.new") / "PG_VERSION").unlink()
    server.ensure()
    assert server.status().state == "running"
    assert not data.with_name("data.new").exists()


def test_a_starter_killed_before_it_wrote_the_port_down_misleads_nobody(casebase_home: Path) -> None:
    server = EmbeddedServer(casebase_home)
    url = server.ensure()
    record = casebase_home / "postgres-server.json"
    for port in (None, 1):
        record.write_text(json.dumps({**json.loads(record.read_text()), "port": port}))
        assert server.ensure() == url


class TestSharing:
    def test_processes_that_start_at_once_share_one_server(self, casebase_home: Path) -> None:
        with ExitStack() as stack:
            clients = [stack.enter_context(client(casebase_home)) for _ in range(3)]
            urls = {answer_of(process) for process in clients}
        assert urls == {EmbeddedServer(casebase_home).url()}

    async def test_the_server_outlives_the_killed_process_that_started_it(self, casebase_home: Path) -> None:
        with client(casebase_home) as process:
            url = answer_of(process)
            started = EmbeddedServer(casebase_home).status()
            connection = await asyncpg.connect(url)
            await connection.execute("create table kept as select 1 as id")
            process.kill()
        assert await connection.fetchval("select id from kept") == 1
        await connection.close()
        EmbeddedServer(casebase_home).ensure()
        assert EmbeddedServer(casebase_home).status() == started
