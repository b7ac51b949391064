from __future__ import annotations

import os
import pwd
import shutil
from pathlib import Path

import asyncpg
import psutil
import pytest

from casebase.kernel.platform import installation
from casebase.kernel.platform.embedded import EmbeddedServer, HomeUnusableError, Installation
from tests.kernel.platform.client import answer_of, client

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can give the server to another account")


async def answers(url: str) -> bool:
    connection = await asyncpg.connect(url)
    try:
        return bool(await connection.fetchval("select true"))
    finally:
        await connection.close()


def uid_of(server: EmbeddedServer) -> int:
    pid = server.status().pid
    assert pid is not None
    return psutil.Process(pid).uids().effective


@as_root
class TestRoot:
    def test_runs_the_server_as_an_unprivileged_account_that_owns_the_data(self, casebase_home: Path) -> None:
        server = EmbeddedServer(casebase_home)
        server.ensure()
        owner = server.status().data.stat()
        assert owner.st_uid != 0
        assert owner.st_mode & 0o777 == 0o700
        assert uid_of(server) == owner.st_uid

    def test_gives_the_server_no_group_of_root_s(self, casebase_home: Path) -> None:
        server = EmbeddedServer(casebase_home)
        server.ensure()
        groups = Path(f"/proc/{server.status().pid}/status").read_text().split("Groups:")[1].splitlines()[0]
        assert "0" not in groups.split()

    async def test_puts_the_data_of_a_private_home_where_the_account_can_reach_it(
        self, tmp_path: Path, shared_state: Path
    ) -> None:
        tmp_path.chmod(0o700)
        server = EmbeddedServer(tmp_path / "home")
        try:
            assert await answers(server.ensure())
            assert server.status().data.is_relative_to(shared_state)
            assert tmp_path.stat().st_mode & 0o777 == 0o700
        finally:
            server.stop()

    async def test_finds_the_data_of_a_private_home_again_when_the_home_is_made_anew(
        self, tmp_path: Path, shared_state: Path
    ) -> None:
        tmp_path.chmod(0o700)
        server = EmbeddedServer(tmp_path / "home")
        try:
            server.ensure()
            data = server.status().data
            shutil.rmtree(tmp_path / "home")
            assert await answers(server.ensure())
            assert server.status().data == data
        finally:
            server.stop()

    def test_discards_the_data_of_a_private_home_too(self, tmp_path: Path, shared_state: Path) -> None:
        tmp_path.chmod(0o700)
        server = EmbeddedServer(tmp_path / "home")
        server.ensure()
        server.discard()
        assert server.status().state == "absent"
        assert list(shared_state.iterdir()) == []
        assert list((tmp_path / "home").iterdir()) == []

    async def test_copies_programs_that_the_account_cannot_reach(
        self, casebase_home: Path, tmp_path: Path, shared_state: Path
    ) -> None:
        shipped = Installation.shipped()
        package = shipped.bin.parent.parent
        tmp_path.chmod(0o700)
        for part in (package, package.with_name(f"{package.name}.libs")):
            shutil.copytree(part, tmp_path / part.name)
        (tmp_path / package.name / "pginstall" / "bin").chmod(0o700)
        private = Installation(tmp_path / shipped.bin.relative_to(package.parent), shipped.version)
        server = EmbeddedServer(casebase_home, installation=private)
        assert await answers(server.ensure())
        executable = psutil.Process(server.status().pid).exe()
        assert Path(executable).is_relative_to(shared_state / "programs")

    async def test_an_ordinary_user_has_a_server_of_his_own(self, casebase_home: Path) -> None:
        nobody = pwd.getpwnam("nobody")
        home = casebase_home / "of-nobody"
        home.mkdir()
        os.chown(home, nobody.pw_uid, nobody.pw_gid)
        server = EmbeddedServer(home)
        try:
            with client(home, nobody.pw_uid, nobody.pw_gid) as process:
                assert await answers(answer_of(process))
                assert uid_of(server) == nobody.pw_uid
                assert (home / "postgres-server.json").stat().st_uid == nobody.pw_uid
        finally:
            server.stop()


@as_root
def test_a_home_of_someone_else_is_refused(casebase_home: Path) -> None:
    nobody = pwd.getpwnam("nobody")
    EmbeddedServer(casebase_home).ensure()
    with client(casebase_home, nobody.pw_uid, nobody.pw_gid) as process:
        assert answer_of(process) == "home_unusable"


def test_a_home_that_cannot_be_made_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(HomeUnusableError):
        EmbeddedServer(tmp_path / "file" / "home").ensure()


@pytest.fixture
def shared_state(casebase_home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Root's folder for other accounts, moved away from the machine's own."""
    monkeypatch.setattr(installation, "SHARED_STATE", casebase_home / "shared")
    return casebase_home / "shared"
