from __future__ import annotations

import asyncio
import stat
from pathlib import Path

import asyncpg
import pytest

from casebase.kernel.platform.embedded import EmbeddedServer


async def execute(url: str, statement: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(statement)
    finally:
        await connection.close()


async def current_user(url: str) -> object:
    connection = await asyncpg.connect(url)
    try:
        return await connection.fetchval("select current_user")
    finally:
        await connection.close()


def test_the_passwords_are_for_the_owner_s_eyes_alone(casebase_home: Path) -> None:
    EmbeddedServer(casebase_home).ensure()
    record = casebase_home / "postgres-server.json"
    assert stat.S_IMODE(record.stat().st_mode) == 0o600
    assert not list(casebase_home.rglob("password*"))


def test_each_home_has_passwords_of_its_own(casebase_home: Path) -> None:
    one, other = EmbeddedServer(casebase_home / "one"), EmbeddedServer(casebase_home / "other")
    try:
        assert one.ensure().split("@")[0] != other.ensure().split("@")[0]
    finally:
        one.stop()
        other.stop()


async def test_lost_passwords_are_replaced_and_the_data_stays(casebase_home: Path) -> None:
    server = EmbeddedServer(casebase_home)
    await execute(server.ensure(), "create role casebase_api login; create table kept ()")
    await server.set_login_password()
    old = server.url()
    (casebase_home / "postgres-server.json").unlink()
    await execute(server.ensure(), "select from kept")
    assert await current_user(server.api_url) == "casebase_api"
    assert server.url() != old


class TestSetLoginPassword:
    async def test_lets_the_role_log_in(self, casebase_home: Path) -> None:
        server = EmbeddedServer(casebase_home)
        await execute(server.ensure(), "create role casebase_api login")
        with pytest.raises(asyncpg.InvalidPasswordError):
            await current_user(server.api_url)
        assert await server.set_login_password() == server.api_url
        assert await current_user(server.api_url) == "casebase_api"

    async def test_is_harmless_many_times_at_once(self, casebase_home: Path) -> None:
        server = EmbeddedServer(casebase_home)
        await execute(server.ensure(), "create role casebase_api login")
        await asyncio.gather(*(server.set_login_password() for _ in range(8)))
        assert await current_user(server.api_url) == "casebase_api"
