"""The command ``casebase``: one file per command group, composed here."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from functools import lru_cache
from importlib.metadata import version
from typing import Annotated, Final

import typer
from rich.console import Console
from rich.markup import escape

from casebase.cli import (
    db,
    demo,
    doctor,
    jobs,
    migrate,
    retention,
    rpcs,
    run,
    schedule,
    tenant,
    token,
    user,
    verify,
    webhook,
)
from casebase.kernel.errors import CasebaseError
from casebase.kernel.module import installed_modules, resolve

app = typer.Typer(
    name="casebase",
    help="The operational backend of case-driven products, on PostgreSQL or Supabase.",
    no_args_is_help=True,
    rich_markup_mode="rich",
    pretty_exceptions_show_locals=False,
)
run.register(app)
demo.register(app)
doctor.register(app)
rpcs.register(app)
app.add_typer(db.app, name="db")
app.add_typer(migrate.app, name="migrate")
app.add_typer(user.app, name="user")
app.add_typer(tenant.app, name="tenant")
app.add_typer(token.app, name="token")
app.add_typer(jobs.app, name="jobs")
app.add_typer(schedule.app, name="schedule")
app.add_typer(webhook.app, name="webhook")
app.add_typer(retention.app, name="retention")
app.add_typer(verify.app, name="verify")


def _print_version(is_wanted: bool) -> None:
    if is_wanted:
        typer.echo(version("casebase"))
        raise typer.Exit


@app.callback()
def _root(
    _: Annotated[
        bool,
        typer.Option("--version", help="Print the version and exit.", callback=_print_version, is_eager=True),
    ] = False,
) -> None:
    pass


@lru_cache(maxsize=1)
def whole() -> typer.Typer:
    """Return the command line with the installed modules' commands."""
    for module in installed_modules():
        if module.commands is not None:
            app.add_typer(resolve(module.commands), name=module.name)
    return app


_REMEDIES: Final = {
    "database_unavailable": "casebase doctor says what is missing.",
    "organization_not_found": "casebase tenant list shows all.",
    "tenant_not_found": "casebase tenant list shows all.",
}
"""What helps at the command line where a refusal, made for clients too, names no command."""


def main() -> None:
    """Run the command line; a refusal of ours is one clear message on stderr and exit status 1."""
    try:
        whole()()
    except CasebaseError as error:
        stderr = Console(stderr=True, highlight=False)
        # A function that refuses without words has its code in their place.
        words = "" if error.message == error.code else f" {escape(error.message)}"
        stderr.print(f"[bold red]{error.code}[/]{words}")
        for line in _details(error):
            stderr.print(f"  {line}", markup=False)
        if remedy := error.hint or _REMEDIES.get(error.code):
            stderr.print(f"  → {remedy}", markup=False)
        sys.exit(1)


def _details(error: CasebaseError) -> Iterator[str]:
    """Return what a refusal tells beside its message: a line a field, and a line a fact."""
    for name, value in error.detail.items():
        if name != "errors":
            yield f"{name}: {value}"
            continue
        for problem in value:
            yield f"{problem.get('field', '')} {problem.get('message', 'is not valid')}".strip()
