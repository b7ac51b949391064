"""``casebase db``: the embedded PostgreSQL's life."""

from __future__ import annotations

from datetime import UTC, datetime

import typer
from rich.console import Console
from rich.table import Table

from casebase.kernel.config import Settings, load_settings
from casebase.kernel.errors import CasebaseError
from casebase.kernel.platform.connection_urls import owner_url
from casebase.kernel.platform.embedded import EmbeddedServer

app = typer.Typer(
    name="db",
    help="The embedded PostgreSQL: start, look, stop, connect.",
    no_args_is_help=True,
    rich_markup_mode="rich",
)
_COLOURS = {"running": "green", "starting": "yellow", "stopped": "yellow", "absent": "red"}


class ExternalDatabaseError(CasebaseError):
    """CASEBASE_DATABASE_URL names a database whose server is not ours to start or stop."""

    code = "database_is_external"
    status = 409


@app.command()
def start() -> None:
    """Start the embedded server unless it runs already; it stays when this command ends.

    Example:

      casebase db start
    """
    server = _embedded(load_settings())
    console = Console()
    with console.status("Starting PostgreSQL …"):
        server.ensure()
    _show(server, console)


@app.command()
def status() -> None:
    """Show whether the embedded server runs, and where it keeps its data; exit status 3 when it does not run.

    Examples:

      casebase db status

      casebase db status >/dev/null || casebase db start
    """
    server = _embedded(load_settings())
    _show(server, Console())
    if server.status().state != "running":
        raise typer.Exit(3)


@app.command()
def stop() -> None:
    """Stop the embedded server, disconnecting its clients; what was committed stays.

    Example:

      casebase db stop
    """
    server = _embedded(load_settings())
    console = Console()
    with console.status("Stopping PostgreSQL …"):
        was_running = server.stop()
    console.print("Stopped." if was_running else "It was not running.")


@app.command("psql-url")
def psql_url() -> None:
    """Print the owner's URL, password included, and nothing else; starts the embedded server if need be.

    Examples:

      psql "$(casebase db psql-url)"

      pg_dump --format custom --file backup.dump "$(casebase db psql-url)"
    """
    typer.echo(owner_url(load_settings()))


def _embedded(settings: Settings) -> EmbeddedServer:
    if settings.database_url is not None:
        raise ExternalDatabaseError(hint="Unset CASEBASE_DATABASE_URL to use the embedded server.")
    return EmbeddedServer(settings.home)


def _show(server: EmbeddedServer, console: Console) -> None:
    status = server.status()
    table = Table.grid(padding=(0, 2))
    table.add_column(style="dim")
    table.add_column(overflow="fold")
    table.add_row("state", f"[bold {_COLOURS[status.state]}]{status.state}[/]")
    table.add_row("version", f"PostgreSQL {status.version}")
    if status.started_at is not None:
        up_for = datetime.now(UTC).replace(microsecond=0) - status.started_at
        table.add_row("address", f"127.0.0.1:{status.port}, process {status.pid}, up for {up_for}")
    table.add_row("data", str(status.data))
    table.add_row("log", str(status.log))
    console.print(table)
