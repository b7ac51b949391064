"""``casebase mortgage``, as an operator uses it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from typer.testing import CliRunner, Result

from casebase.kernel.db import Database, Session
from casebase.kernel.errors import CasebaseError
from casebase.modules.mortgage.commands import app
from casebase.modules.mortgage.publishing import ForeignFolderError
from tests.support.postgres import run_sync

Command = Callable[..., Result]


@pytest.fixture
def mortgage(database: str, tmp_path: Path) -> Command:
    environment = {
        "CASEBASE_DATABASE_URL": database,
        "CASEBASE_HOME": str(tmp_path / "home"),
        "COLUMNS": "200",
    }

    def run(*arguments: str, answer: str | None = None) -> Result:
        result = CliRunner().invoke(app, arguments, env=environment, input=answer)
        if isinstance(result.exception, CasebaseError):
            raise result.exception
        return result

    return run


@pytest.fixture
def closed(database: str) -> None:
    """Five cases of borrowers who agreed to publishing."""

    async def make() -> None:
        from casebase.kernel.db import SERVICE
        from tests.mortgage.leads import lead

        async with await Database.connect(database) as opened:
            session: Session = opened.session(SERVICE)
            for _ in range(5):
                case = await session.call(
                    "create_scenario_case", {"payload": lead({"consent.purposes": ["advice", "publishing"]})}
                )
                outcome = {"case_id": case["case_id"], "decision": "stay", "decision_reason": "less_hassle"}
                await session.call("record_scenario_outcome", {"payload": outcome})

    run_sync(make)


class TestExportPseo:
    def test_writes_and_says_what(self, mortgage: Command, closed: None, tmp_path: Path) -> None:
        result = mortgage("export-pseo", "--out", str(tmp_path / "out"))
        assert result.exit_code == 0
        assert "5 cases and 1 pages" in result.stdout
        assert len((tmp_path / "out" / "cases.jsonl").read_text().splitlines()) == 5

    def test_asks_before_it_replaces(self, mortgage: Command, closed: None, tmp_path: Path) -> None:
        out = tmp_path / "out"
        mortgage("export-pseo", "--out", str(out))
        (out / "cases.jsonl").write_text("old")
        assert mortgage("export-pseo", "--out", str(out), answer="n\n").exit_code == 1
        assert (out / "cases.jsonl").read_text() == "old"
        assert mortgage("export-pseo", "--out", str(out), answer="y\n").exit_code == 0
        assert mortgage("export-pseo", "--out", str(out), "--yes").exit_code == 0
        assert (out / "cases.jsonl").read_text() != "old"

    def test_leaves_somebody_elses_folder_alone(self, mortgage: Command, tmp_path: Path) -> None:
        (tmp_path / "thesis.txt").write_text("mine")
        with pytest.raises(ForeignFolderError):
            mortgage("export-pseo", "--out", str(tmp_path), "--yes")


def test_context_prints_what_a_broker_may_know(mortgage: Command, closed: None, database: str) -> None:
    async def some_case() -> str:
        owner = await asyncpg.connect(database)
        try:
            return str(await owner.fetchval("select id from scenario_cases limit 1"))
        finally:
            await owner.close()

    context: dict[str, Any] = json.loads(mortgage("context", run_sync(some_case)).stdout)
    assert context["inputs"]["summary"]["current_bank_mask"] == "Bank E"
    assert "counter_offer" not in context


def test_settings_are_shown_and_changed(mortgage: Command) -> None:
    before = json.loads(mortgage("settings").stdout)
    assert before["is_reveal_enabled"] is False
    changed = json.loads(mortgage("settings", "--reveal", "--high-value-loan", "1500000").stdout)
    assert changed == {**before, "is_reveal_enabled": True, "high_value_loan": 1500000.0}
    assert json.loads(mortgage("settings").stdout) == changed
