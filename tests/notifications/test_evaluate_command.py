"""``casebase notifications evaluate``, as an operator uses it."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import asyncpg
import pytest
from typer.testing import CliRunner, Result

from casebase.cli import whole
from casebase.kernel.errors import CasebaseError
from tests.notifications.many_mentors import make_many_mentors
from tests.support.postgres import run_sync
from tests.support.rows import all_rows

Command = Callable[..., Result]


@pytest.fixture
def command(database: str, tmp_path: Path) -> Command:
    environment = {
        "CASEBASE_DATABASE_URL": database,
        "CASEBASE_HOME": str(tmp_path / "home"),
        "COLUMNS": "200",
    }

    def run(*arguments: str) -> Result:
        result = CliRunner().invoke(whole(), ["notifications", "evaluate", *arguments], env=environment)
        if isinstance(result.exception, CasebaseError):
            raise result.exception
        return result

    return run


@pytest.fixture(autouse=True)
def mentors(database: str) -> None:
    """Sixty of them, a tenth in another organisation."""

    async def make() -> None:
        connection = await asyncpg.connect(database)
        try:
            await make_many_mentors(connection, 60, 1200)
        finally:
            await connection.close()

    run_sync(make)


def rows_of(database: str) -> dict[str, list[str]]:
    async def read() -> dict[str, list[str]]:
        connection = await asyncpg.connect(database)
        try:
            return await all_rows(connection)
        finally:
            await connection.close()

    return run_sync(read)


def test_a_dry_run_counts_what_a_run_writes_and_writes_nothing(command: Command, database: str) -> None:
    before = rows_of(database)
    counted = json.loads(command("--dry-run", "--json").stdout)
    assert rows_of(database) == before
    assert counted["evaluated"] == 60
    assert counted["scenarios"]["milestone"]["notified"] > 0
    assert json.loads(command("--json").stdout) == counted
    written = sum(outcomes.get("notified", 0) for outcomes in counted["scenarios"].values())
    after = rows_of(database)
    assert (
        len(after["public.scenario_notifications"]) - len(before["public.scenario_notifications"]) == written
    )
    assert len(after["pgmq.q_notifications_dispatch"]) == written


def test_again_notifies_nobody(command: Command) -> None:
    command()
    again = json.loads(command("--json").stdout)
    assert all("notified" not in outcomes for outcomes in again["scenarios"].values())


def test_it_tells_each_scenario_and_reason(command: Command) -> None:
    counted = json.loads(command("--dry-run", "--json").stdout)["scenarios"]
    result = command("--dry-run")
    assert result.exit_code == 0
    header, *rows, last = result.stdout.splitlines()
    assert header.split() == [
        "SCENARIO", "NOTIFIED", "OPTED", "OUT", "COOLDOWN", "FAILED", "RECENTLY", "QUIET", "HOURS"
    ]  # fmt: skip
    found = {name: list(map(int, cells)) for name, *cells in (row.split() for row in rows)}
    outcomes = ("notified", "opted_out", "cooldown", "failed_recently", "quiet_hours")
    assert found == {
        scenario: [counted.get(scenario, {}).get(outcome, 0) for outcome in outcomes]
        for scenario in ("inactivity", "milestone", "certification_expiry", "welcome_back")
    }
    assert last == "60 people looked at, nothing written."


def test_one_organisation_and_some_scenarios(command: Command) -> None:
    counted = json.loads(
        command("--org", "many", "--only", "milestone", "--only", "inactivity", "--json").stdout
    )
    assert 0 < counted["evaluated"] < 60
    assert set(counted["scenarios"]) <= {"milestone", "inactivity"}


def test_a_moment_is_for_dry_runs(command: Command, database: str) -> None:
    later = f"{datetime.now(UTC) + timedelta(days=300):%Y-%m-%d}"
    counted = json.loads(command("--dry-run", "--now", later, "--only", "inactivity", "--json").stdout)
    inactive = counted["scenarios"]["inactivity"]
    assert sum(inactive.values()) == 60
    before = rows_of(database)
    refused = command("--now", later)
    assert refused.exit_code == 2
    assert "--dry-run only" in refused.stderr
    assert rows_of(database) == before


def test_an_organisation_that_does_not_exist_is_told(command: Command, database: str) -> None:
    before = rows_of(database)
    with pytest.raises(CasebaseError) as refused:
        command("--org", "nowhere")
    assert refused.value.code == "organization_not_found"
    assert rows_of(database) == before
