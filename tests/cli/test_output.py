"""What every command has in common: its version, and tables that programs can read."""

from __future__ import annotations

from importlib.metadata import version

import pytest
from typer.testing import CliRunner

from casebase.cli import app
from casebase.cli.output import print_table


def test_the_version_is_the_packages() -> None:
    result = CliRunner().invoke(app, ["--version"])
    assert (result.exit_code, result.output) == (0, f"{version('casebase')}\n")


def test_a_table_that_is_piped_has_a_line_for_each_row(capsys: pytest.CaptureFixture[str]) -> None:
    print_table(("NAME", "WHAT IT IS"), [("a" * 60, "b " * 60), ("c", None)])
    lines = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert lines == [["NAME", "WHAT", "IT", "IS"], ["a" * 60, *["b"] * 60], ["c", "–"]]
