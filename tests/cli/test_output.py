"""What every command has in common: its version, and tables that programs can read."""

from __future__ import annotations

from importlib.metadata import version

import pytest
import typer
from typer.testing import CliRunner

from casebase import cli
from casebase.cli import app
from casebase.cli.output import print_table
from casebase.kernel.errors import CasebaseError, InvalidInputError, RpcError


def test_the_version_is_the_packages() -> None:
    result = CliRunner().invoke(app, ["--version"])
    assert (result.exit_code, result.output) == (0, f"{version('casebase')}\n")


def test_a_table_that_is_piped_has_a_line_for_each_row(capsys: pytest.CaptureFixture[str]) -> None:
    print_table(("NAME", "WHAT IT IS"), [("a" * 60, "b " * 60), ("c", None)])
    lines = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert lines == [["NAME", "WHAT", "IT", "IS"], ["a" * 60, *["b"] * 60], ["c", "–"]]


def test_a_refusal_has_a_line_for_each_field(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    refusing = typer.Typer()

    @refusing.command()
    def refuse() -> None:
        problems = [
            {"field": "user_name", "rule": "minLength", "message": "is needed"},
            {"field": "user_email", "rule": "format", "message": "must be a valid email"},
        ]
        raise InvalidInputError(detail={"errors": problems, "limit": 20}, hint="Correct [them].")

    monkeypatch.setattr(cli, "whole", lambda: refusing)
    monkeypatch.setattr("sys.argv", ["casebase"])
    with pytest.raises(SystemExit) as exit_:
        cli.main()
    assert exit_.value.code == 1
    assert [line.strip() for line in capsys.readouterr().err.splitlines()[1:]] == [
        "user_name is needed",
        "user_email must be a valid email",
        "limit: 20",
        "→ Correct [them].",
    ]


@pytest.mark.parametrize(
    ("refusal", "lines"),
    [
        (
            InvalidInputError("/srv/[/old]/[new] cannot be read."),
            ["invalid_input /srv/[/old]/[new] cannot be read."],
        ),
        (RpcError("tenant_exists", 409, sqlstate="PT409"), ["tenant_exists"]),
        (
            RpcError("tenant_not_found", 404, sqlstate="PT404"),
            ["tenant_not_found", "  → casebase tenant list shows all."],
        ),
    ],
    ids=["brackets_are_no_markup", "a_code_without_words_is_told_once", "without_a_remedy_of_its_own"],
)
def test_a_refusal_is_its_code_its_message_and_a_remedy(
    refusal: CasebaseError,
    lines: list[str],
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refuse() -> None:
        raise refusal

    monkeypatch.setattr(cli, "whole", lambda: refuse)
    with pytest.raises(SystemExit):
        cli.main()
    assert capsys.readouterr().err.splitlines() == lines
