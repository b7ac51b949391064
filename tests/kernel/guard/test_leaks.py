"""``casebase verify leaks``: a term is found wherever a database can keep it, and its value is never told."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from casebase.cli.verify import app
from casebase.kernel.errors import InvalidInputError
from tests.kernel.guard.test_schema import run

TERM = "Rachel Tan"


def leaks(url: str, *arguments: str, stdin: str | None = None) -> Result:
    result = CliRunner().invoke(
        app, ["leaks", *arguments], env={"CASEBASE_DATABASE_URL": url, "COLUMNS": "200"}, input=stdin
    )
    if isinstance(result.exception, InvalidInputError):
        raise result.exception
    return result


def test_a_database_without_the_term_is_clean(kernel_database: str) -> None:
    result = leaks(kernel_database, "--term", TERM)
    assert result.exit_code == 0
    assert "Found in none of" in result.output


@pytest.mark.parametrize(
    "column",
    [
        "text default 'told RACHEL TAN so'",
        """jsonb default '{"Rachel Tan": 1}'""",
        "text[] default '{x,rachel tan}'",
        "bytea default 'Rachel Tan'::bytea",
        "\"Odd name\" default 'rachel tan'",
    ],
)
def test_a_term_is_found_in_a_column_of_any_type(kernel_database: str, column: str) -> None:
    run(kernel_database, 'create domain public."Odd name" as text')
    run(kernel_database, f'create table public."A table" (id int, "a column" {column})')
    run(kernel_database, 'insert into public."A table" (id) values (1), (2)')
    result = leaks(kernel_database, "--term", TERM)
    assert result.exit_code == 1
    assert 'public."A table".a column: 2' in result.output
    assert TERM.lower() not in result.output.lower()


@pytest.mark.parametrize(
    "kept",
    ["'+6591234567'", "'91 23 45 67'", "6591234567", "'(65) 9123-4567'"],
)
def test_a_number_is_found_however_it_is_written(kernel_database: str, kept: str) -> None:
    run(kernel_database, f"create table public.kept as select {kept} as number")
    assert leaks(kernel_database, "--term", "9123 4567").exit_code == 1


def test_a_term_is_found_in_statistics_of_rows_that_are_gone(kernel_database: str) -> None:
    run(kernel_database, f"create table public.kept as select '{TERM}' as name from generate_series(1, 9)")
    run(kernel_database, "analyze public.kept; delete from public.kept")
    result = leaks(kernel_database, "--term", TERM)
    assert result.exit_code == 1
    assert "statistics of public.kept.name: 1" in result.output


def test_terms_come_from_stdin_and_files(kernel_database: str, tmp_path: Path) -> None:
    run(kernel_database, f"create table public.kept as select '{TERM}' as name")
    (tmp_path / "terms").write_text(f"\nnobody at all\n{TERM}\n")
    assert leaks(kernel_database, "--file", "-", stdin=f"{TERM}\n").exit_code == 1
    assert leaks(kernel_database, "--file", str(tmp_path / "terms")).exit_code == 1


@pytest.mark.parametrize("arguments", [(), ("--term", "ab")])
def test_no_term_and_one_that_is_part_of_everything_are_refused(
    kernel_database: str, arguments: tuple[str, ...]
) -> None:
    with pytest.raises(InvalidInputError):
        leaks(kernel_database, *arguments)
