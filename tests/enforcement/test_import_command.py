"""``casebase enforcement import-simplicity``, as an operator uses it, interrupted and repeated."""

from __future__ import annotations

import asyncio
import csv
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path

import asyncpg
import pytest
from typer.testing import CliRunner, Result

from casebase.kernel.db import SERVICE, Database, Session
from casebase.kernel.errors import CasebaseError
from casebase.modules.enforcement.commands import app
from casebase.modules.enforcement.imports import import_simplicity
from casebase.modules.enforcement.simplicity import HEADERS, ColumnsMissingError
from tests.enforcement.conftest import People
from tests.support.postgres import run_sync
from tests.support.rows import all_rows
from tests.support.waiting import eventually

HEAD = "Case Number,Court,County,State,Plaintiff,Defendant,Judgment Amount\n"
Command = Callable[..., Result]


def write(path: Path, count: int, start: int = 1, bad: int = 0) -> Path:
    """Write a file of ``count`` rows, the last ``bad`` of them without an amount."""
    with path.open("w", encoding="utf-8") as file:
        file.write(HEAD)
        for number in range(start, start + count):
            amount = "?" if number >= start + count - bad else "900.00"
            file.write(f"CV-{number}/24,Civil Court,Kings,NY,Harbor LLC,Jordan Quill{number},{amount}\n")
    return path


@pytest.fixture
def environment(database: str, tmp_path: Path) -> dict[str, str]:
    return {
        "CASEBASE_DATABASE_URL": database,
        "CASEBASE_HOME": str(tmp_path / "home"),
        "COLUMNS": "200",
    }


@pytest.fixture
def command(environment: dict[str, str]) -> Command:
    def run(*arguments: str) -> Result:
        result = CliRunner().invoke(app, ["import-simplicity", *arguments], env=environment)
        if isinstance(result.exception, CasebaseError):
            raise result.exception
        return result

    return run


def rows_of(database: str) -> dict[str, list[str]]:
    async def read() -> dict[str, list[str]]:
        connection = await asyncpg.connect(database)
        try:
            return await all_rows(connection)
        finally:
            await connection.close()

    return run_sync(read)


class TestCommand:
    def test_it_tells_what_became_of_the_rows(self, command: Command, tmp_path: Path) -> None:
        result = command(str(write(tmp_path / "export.csv", 30, bad=2)))
        assert result.exit_code == 0
        assert result.stdout == "30 rows: 28 new judgments, 0 known, 2 rejected.\n"
        assert "Row 29: judgment_amount: must be an amount in dollars and cents" in result.stderr

    def test_the_same_file_twice_changes_nothing(
        self, command: Command, database: str, tmp_path: Path
    ) -> None:
        file = write(tmp_path / "export.csv", 5, bad=1)
        command(str(file))
        before = rows_of(database)
        result = command(str(file.rename(tmp_path / "again.csv")))
        assert "imported before" in result.stdout
        assert "5 rows: 4 new judgments, 0 known, 1 rejected." in result.stdout
        assert rows_of(database) == before

    def test_a_longer_file_adds_what_is_new(self, command: Command, tmp_path: Path) -> None:
        command(str(write(tmp_path / "first.csv", 3)))
        result = command(str(write(tmp_path / "second.csv", 5)))
        assert result.stdout == "5 rows: 2 new judgments, 3 known, 0 rejected.\n"

    def test_a_file_of_something_else_writes_nothing(
        self, command: Command, database: str, tmp_path: Path
    ) -> None:
        file = tmp_path / "export.csv"
        file.write_text("Name;Amount\nA;1\n")
        before = rows_of(database)
        with pytest.raises(ColumnsMissingError):
            command(str(file))
        assert rows_of(database) == before

    def test_a_file_without_rows(self, command: Command, tmp_path: Path) -> None:
        assert command(str(write(tmp_path / "empty.csv", 0))).stdout == (
            "0 rows: 0 new judgments, 0 known, 0 rejected.\n"
        )


async def test_of_a_tenant(
    service: Session, owner: asyncpg.Connection, people: People, tmp_path: Path
) -> None:
    file = write(tmp_path / "export.csv", 2)
    await import_simplicity(service, file, tenant_id=people.other_tenant)
    assert await owner.fetchval("select distinct tenant_id from judgments") == people.other_tenant


async def test_what_was_killed_goes_on(
    owner: asyncpg.Connection, service: Session, environment: dict[str, str], tmp_path: Path
) -> None:
    file = write(tmp_path / "export.csv", 6500, bad=3)
    arguments = [
        str(Path(sys.executable).with_name("casebase")),
        "enforcement",
        "import-simplicity",
        str(file),
    ]
    process = await asyncio.create_subprocess_exec(
        *arguments,
        env={**os.environ, **environment},
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
    )
    await eventually(lambda: owner.fetchval("select exists (select from judgments)"))
    process.send_signal(signal.SIGKILL)
    await process.wait()
    staged = await owner.fetchval("select row_count from enforcement.import_runs")
    assert 0 < staged < 6500
    result = await import_simplicity(service, file)
    assert (result.is_new, result.row_count, result.created, result.known, result.rejected) == (
        False,
        6500,
        6497,
        0,
        3,
    )
    assert await owner.fetchval("select count(*) from judgments.cases") == 6497
    assert await owner.fetchval("select status from enforcement.import_runs") == "finished"


async def test_no_cell_keeps_a_file_out(owner: asyncpg.Connection, service: Session, tmp_path: Path) -> None:
    file = tmp_path / "export.csv"
    good = {
        "case_number": "1/24", "plaintiff_name": "Harbor LLC", "defendant_name": "Jordan Quill", "judgment_amount": "900"
    }  # fmt: skip
    long = ["646-555-0148" + "." * 600, "9" * 999, "x" * 999, "\U0001f600" * 999, "x" * 5000]
    rows = [{**good, name: cell} for name in HEADERS for cell in long]
    rows.append(dict.fromkeys(HEADERS, "\U0001f600" * 1000))
    rows += [{**good, "case_number": f"{number}/25"} for number in range(2)]
    with file.open("w", encoding="utf-8", newline="") as target:
        writer = csv.DictWriter(target, list(HEADERS))
        writer.writeheader()
        writer.writerows(rows)
    result = await import_simplicity(service, file)
    assert (result.row_count, result.created, result.known) == (len(rows), 2, 0)
    assert result.rejected == len(rows) - 2
    reasons = await owner.fetch(
        "select reasons[1] from enforcement.import_rows where status = 'rejected' order by 1"
    )
    assert {row[0].partition(":")[0] for row in reasons} == set(HEADERS)


async def test_several_who_import_one_file(owner: asyncpg.Connection, api: Database, tmp_path: Path) -> None:
    file = write(tmp_path / "export.csv", 2500)
    results = await asyncio.gather(*(import_simplicity(api.session(SERVICE), file) for _ in range(4)))
    assert {(result.row_count, result.created, result.known) for result in results} == {(2500, 2500, 0)}
    assert await owner.fetchval("select count(*) from judgments") == 2500


async def test_it_tells_how_far_it_is(service: Session, tmp_path: Path) -> None:
    file = write(tmp_path / "export.csv", 2500)
    told: list[int] = []
    await import_simplicity(service, file, progress=told.append)
    assert told == sorted(told)
    assert told[-1] == file.stat().st_size
