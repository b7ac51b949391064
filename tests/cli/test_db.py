from __future__ import annotations

from pathlib import Path

import asyncpg
import pytest
from typer.testing import CliRunner, Result

from casebase.cli.db import ExternalDatabaseError, app


def casebase_db(home: Path, *arguments: str, **environment: str) -> Result:
    unset = {"CASEBASE_DATABASE_URL": None}
    return CliRunner().invoke(app, arguments, env={**unset, "CASEBASE_HOME": str(home), **environment})


def test_start_status_stop(casebase_home: Path) -> None:
    assert casebase_db(casebase_home, "status").exit_code == 3
    assert "running" in casebase_db(casebase_home, "start").output
    assert casebase_db(casebase_home, "status").exit_code == 0
    assert casebase_db(casebase_home, "stop").output == "Stopped.\n"
    assert casebase_db(casebase_home, "status").exit_code == 3
    assert casebase_db(casebase_home, "stop").output == "It was not running.\n"


async def test_psql_url_prints_a_url_that_works_and_nothing_else(casebase_home: Path) -> None:
    result = casebase_db(casebase_home, "psql-url")
    assert result.stderr == ""
    connection = await asyncpg.connect(result.stdout.rstrip("\n"))
    assert await connection.fetchval("select current_user") == "postgres"
    await connection.close()


class TestExternalDatabase:
    url = "postgresql://me@db.example.com/cases"

    def test_psql_url_prints_it(self, tmp_path: Path) -> None:
        result = casebase_db(tmp_path, "psql-url", CASEBASE_DATABASE_URL=self.url)
        assert result.stdout == f"{self.url}\n"

    @pytest.mark.parametrize("command", ["start", "status", "stop"])
    def test_its_server_is_not_ours_to_touch(self, tmp_path: Path, command: str) -> None:
        result = casebase_db(tmp_path, command, CASEBASE_DATABASE_URL=self.url)
        assert isinstance(result.exception, ExternalDatabaseError)


@pytest.mark.parametrize("command", ["start", "status", "stop", "psql-url"])
def test_help_shows_an_example(tmp_path: Path, command: str) -> None:
    assert f"casebase db {command}" in casebase_db(tmp_path, command, "--help").output
