"""``casebase verify``: prove that the live system is what was shipped."""

from __future__ import annotations

import asyncio
import difflib
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn
from rich.text import Text

from casebase.kernel.config import load_settings
from casebase.kernel.guard import Drift, Leak, scan, verify_schema, write_contracts
from casebase.kernel.module import installed_modules
from casebase.kernel.platform.connection_urls import owner_url

app = typer.Typer(
    name="verify",
    help="Prove that the live system is what was shipped.",
    no_args_is_help=True,
    rich_markup_mode="rich",
)
_SIGNS = {"added": ("+", "green"), "removed": ("-", "red"), "changed": ("~", "yellow")}


@app.command()
def schema(
    modules: Annotated[
        str | None,
        typer.Option("--modules", help="Comma-separated module names; default: all that are installed."),
    ] = None,
    write: Annotated[
        bool, typer.Option("--write", help="For developers: build the contracts anew from the SQL files.")
    ] = False,
) -> None:
    """Compare the live catalog with the shipped contracts and print the drift; exit status 1 when there is any.

    Compared are tables, columns, constraints, indexes, functions, views, policies, triggers, types and grants.

    Examples:

      casebase verify schema

      casebase verify schema --modules mortgage
    """
    settings = load_settings()
    wanted = installed_modules(
        settings.modules if modules is None else load_settings(modules=modules).modules
    )
    url = owner_url(settings)
    console = Console(highlight=False, soft_wrap=True)
    if write:
        with console.status("Building the schema in a scratch database …"):
            written = asyncio.run(write_contracts(url, wanted))
        for path in written:
            console.print(str(path), markup=False)
        console.print(f"[green]✓[/] {len(written)} contracts changed.")
        return
    report = asyncio.run(verify_schema(url, wanted))
    for unit in report.without_contract:
        console.print(f"[yellow]![/] {unit} ships no contract: its objects were not compared.")
    for drift in report.drift:
        _print(console, drift)
    if report.drift:
        console.print(
            f"[bold red]✗[/] {len(report.drift)} of {report.object_count} objects are not as shipped."
        )
        raise typer.Exit(1)
    console.print(f"[green]✓[/] {report.object_count} objects are as shipped.")


@app.command()
def leaks(
    term: Annotated[
        list[str] | None, typer.Option("--term", help="A term to look for; repeat for several.")
    ] = None,
    file: Annotated[
        typer.FileText | None,
        typer.Option("--file", help="A file with a term a line; - reads them from stdin."),
    ] = None,
) -> None:
    """Look for a person's details in every column of every table and in its statistics; exit status 1 when found.

    Told are the places and how many rows hold a term, never a value. A term given on the command line stays in the
    shell's history: stdin leaves nothing behind.

    Examples:

      casebase verify leaks --file -

      casebase verify leaks --file terms.txt --term 'Bank of Somewhere'
    """
    terms = [*(term or ()), *(file.read().splitlines() if file is not None else ())]
    console = Console(highlight=False, soft_wrap=True)
    found, columns = asyncio.run(_scan(owner_url(load_settings()), terms))
    for leak in found:
        place = f"statistics of {leak.place}" if leak.is_statistics else leak.place
        console.print(Text(f"{place}: {leak.count}", style="bold red"))
    if found:
        console.print(f"[bold red]✗[/] Found in {len(found)} of {columns} columns.")
        raise typer.Exit(1)
    console.print(f"[green]✓[/] Found in none of {columns} columns.")


async def _scan(url: str, terms: list[str]) -> tuple[list[Leak], int]:
    found: list[Leak] = []
    columns = 0
    with Progress(
        SpinnerColumn(), TextColumn("{task.description}"), console=Console(stderr=True), transient=True
    ) as bar:
        reading = bar.add_task("")
        async for scanned in scan(url, terms):
            bar.update(reading, description=scanned.source)
            found += scanned.leaks
            columns += scanned.column_count
    return found, columns


def _print(console: Console, drift: Drift) -> None:
    sign, colour = _SIGNS[drift.kind]
    console.print(Text(f"{sign} {drift.kind}: {drift.object}", style=f"bold {colour}"))
    if drift.kind != "changed":
        return
    shipped, live = (drift.shipped or "").splitlines(), (drift.live or "").splitlines()
    for line in list(difflib.unified_diff(shipped, live, "shipped", "live", lineterm="", n=1))[2:]:
        style = {"+": "green", "-": "red"}.get(line[:1], "dim")
        console.print(Text(f"    {line}", style=style))
