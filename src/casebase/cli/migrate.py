"""``casebase migrate``: bring the schema up, take a module down, export for the Supabase CLI."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from casebase.cli.output import print_table
from casebase.kernel import migrate
from casebase.kernel.config import Settings, load_settings
from casebase.kernel.module import Module, installed_modules
from casebase.kernel.platform.connection_urls import owner_url
from casebase.kernel.platform.embedded import EmbeddedServer

app = typer.Typer(
    name="migrate",
    help="The database schema: bring it up, look, take a module down, export it.",
    no_args_is_help=True,
    rich_markup_mode="rich",
)

Modules = Annotated[
    str | None,
    typer.Option("--modules", help="Comma-separated module names; default: all that are installed."),
]


@app.command()
def up(modules: Modules = None) -> None:
    """Apply what is missing; harmless when nothing is, and while another one runs.

    Examples:

      casebase migrate up

      casebase migrate up --modules mortgage
    """
    settings = load_settings()
    wanted = _modules(settings, modules)
    url = owner_url(settings)
    console = Console()
    with _progress(console) as progress:
        report = asyncio.run(migrate.migrate_up(url, wanted, progress=progress))
    _let_api_log_in(settings)
    if report.applied:
        count = len({unit for unit, _ in report.applied})
        console.print(f"[green]✓[/] {len(report.applied)} files of {count} units applied.", highlight=False)
    else:
        console.print("[green]✓[/] Nothing to do: the schema is as shipped.", highlight=False)


@app.command()
def status(modules: Modules = None) -> None:
    """Show what is applied and what is not, changing nothing; exit status 1 when something is pending.

    Example:

      casebase migrate status
    """
    settings = load_settings()
    found = asyncio.run(migrate.migration_status(owner_url(settings), _modules(settings, modules)))
    rows = [
        (
            unit.unit,
            unit.versions[-1] if unit.versions else None,
            "changed" if unit.changed else "pending" if unit.pending else "current",
            _summary((*unit.changed, *unit.pending)),
        )
        for unit in found
    ]
    styles = {"current": "green", "pending": "yellow", "changed": "red"}
    print_table(("unit", "version", "state", "files"), rows, styles=styles)
    if not all(unit.is_current for unit in found):
        raise typer.Exit(1)


@app.command()
def down(
    module: Annotated[str, typer.Argument(help="The module to take out of the database.")],
    yes: Annotated[
        bool, typer.Option("--yes", help="Drop its tables; without it, only say what is lost.")
    ] = False,
    dump: Annotated[
        Path | None, typer.Option(help="Where its rows are kept; default: a new file in CASEBASE_HOME/dumps.")
    ] = None,
) -> None:
    """Drop a module's tables and functions, after writing its rows to a dump.

    Examples:

      casebase migrate down mortgage

      casebase migrate down mortgage --yes --dump /backup/mortgage.zip
    """
    settings = load_settings()
    url = owner_url(settings)
    installed = installed_modules()
    console = Console(highlight=False)
    if not yes:
        lost = asyncio.run(migrate.tables_lost_by_down(url, module, installed))
        console.print(f"[bold red]This would drop module {module}, with these tables:[/]")
        print_table(("table", "rows"), [(table.full_name, f"{table.row_count:,}") for table in lost])
        console.print("Nothing was changed. Add [bold]--yes[/] to do it; the rows are dumped first.")
        raise typer.Exit(1)
    dump = dump or settings.home / "dumps" / f"{module}-{datetime.now(UTC):%Y%m%dT%H%M%SZ}.zip"
    with console.status("Dumping and dropping …"):
        lost = asyncio.run(migrate.migrate_down(url, module, installed, dump=dump))
    print_table(("dropped table", "rows"), [(table.full_name, f"{table.row_count:,}") for table in lost])
    console.print(f"[green]✓[/] Module {module} is gone. To bring it back:", soft_wrap=True)
    console.print(f"  casebase migrate restore {dump}", soft_wrap=True, markup=False)


@app.command()
def restore(
    dump: Annotated[Path, typer.Argument(help="A dump that `casebase migrate down` wrote.")],
    replace: Annotated[
        bool, typer.Option("--replace", help="Let the dump's rows replace those of a module that is there.")
    ] = False,
) -> None:
    """Bring a module back from its dump: its schema as shipped now, its rows as they were.

    Example:

      casebase migrate restore /backup/mortgage.zip
    """
    settings = load_settings()
    url = owner_url(settings)
    console = Console(highlight=False)
    with _progress(console) as progress:
        manifest = asyncio.run(
            migrate.restore(url, dump, installed_modules(), replace=replace, progress=progress)
        )
    _let_api_log_in(settings)
    rows = sum(table.row_count for table in manifest.tables)
    console.print(f"[green]✓[/] Module {manifest.module}: {rows:,} rows in {len(manifest.tables)} tables.")


@app.command()
def export(
    directory: Annotated[
        Path, typer.Argument(help="Gets supabase/migrations, which must be empty or absent.")
    ],
    modules: Modules = None,
) -> None:
    """Write a supabase/migrations folder that the Supabase CLI applies to an empty database.

    Examples:

      casebase migrate export .

      supabase migration up --remote="$URL" --yes
    """
    written = migrate.export(directory, _modules(load_settings(), modules))
    Console(highlight=False).print(
        f"[green]✓[/] {len(written)} files in {directory / 'supabase' / 'migrations'}", soft_wrap=True
    )


def _summary(files: tuple[str, ...]) -> str | None:
    return f"{files[0]} and {len(files) - 1} more" if len(files) > 1 else files[0] if files else None


def _modules(settings: Settings, names: str | None) -> tuple[Module, ...]:
    return installed_modules(settings.modules if names is None else load_settings(modules=names).modules)


def _let_api_log_in(settings: Settings) -> None:
    if settings.database_url is None:
        asyncio.run(EmbeddedServer(settings.home).set_login_password())


@contextmanager
def _progress(console: Console) -> Iterator[migrate.Progress]:
    """Show a bar while files are applied, and leave nothing behind."""
    bar = Progress(
        TextColumn("[bold]Migrating"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("{task.description}", style="dim"),
        console=console,
        transient=True,
    )
    with bar:
        task = bar.add_task("", total=None)
        yield lambda done, total, file: bar.update(task, completed=done, total=total, description=file)
