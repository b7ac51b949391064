"""``casebase retention``, as an operator uses it."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import asyncpg
import pytest
from typer.testing import CliRunner, Result

from casebase.cli.retention import app
from casebase.kernel.errors import CasebaseError
from casebase.kernel.privacy.retention import RuleNotFoundError
from tests.mortgage.leads import lead
from tests.support.postgres import run_sync

Command = Callable[..., Result]


@pytest.fixture
def retention(database: str, tmp_path_factory: pytest.TempPathFactory) -> Command:
    home = tmp_path_factory.mktemp("home")
    environment = {"CASEBASE_DATABASE_URL": database, "CASEBASE_HOME": str(home), "COLUMNS": "200"}

    def run(*arguments: str) -> Result:
        result = CliRunner().invoke(app, arguments, env=environment)
        if isinstance(result.exception, CasebaseError):
            raise result.exception
        return result

    return run


@pytest.fixture
def three_due(database: str) -> None:
    async def make() -> None:
        owner = await asyncpg.connect(database)
        for _ in range(3):
            await owner.execute("select public.create_scenario_case($1::jsonb)", json.dumps(lead()))
        await owner.execute("update consents set granted_at = now() - interval '6 days', until = now()")
        await owner.close()

    run_sync(make)


def consents(retention: Command) -> dict[str, Any]:
    """What the list says of the mortgage's rule."""
    rules = {rule["rule"]: rule for rule in json.loads(retention("list", "--json").output)}
    found: dict[str, Any] = rules["mortgage.consents"]
    return found


def test_lists_what_is_due(retention: Command, three_due: None) -> None:
    rule = consents(retention)
    assert (rule["due_count"], rule["erased_count"]) == (3, 0)
    assert "mortgage.consents" in retention("list").output


def test_erases_what_is_due_and_tells_how_much(retention: Command, three_due: None) -> None:
    assert "of 3 subjects" in retention("run").output
    rule = consents(retention)
    assert (rule["due_count"], rule["erased_count"], rule["unfinished_count"]) == (0, 3, 0)
    assert "of 0 subjects" in retention("run", "mortgage.consents").output


def test_an_unknown_rule_is_refused(retention: Command) -> None:
    with pytest.raises(RuleNotFoundError):
        retention("run", "mortgage.nothing")
