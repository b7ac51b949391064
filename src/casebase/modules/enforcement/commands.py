"""``casebase enforcement``: import what vendors export.

What a command needs is imported when it runs: every ``casebase`` command loads this file.
"""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID

import typer
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

from casebase import Casebase

if TYPE_CHECKING:
    from casebase.modules.enforcement.imports import ImportResult

Tenant = Annotated[UUID | None, typer.Option(help="The tenant's id. Default: the default tenant.")]
_SHOWN_ROWS = 20

app = typer.Typer(name="enforcement", help="Judgment enforcement: imports.", no_args_is_help=True)


@app.callback()
def _group() -> None:
    """Keep commands named while there is only one."""


@app.command("import-simplicity")
def import_simplicity(
    file: Annotated[
        Path, typer.Argument(help="The export, as CSV.", exists=True, dir_okay=False, readable=True)
    ],
    tenant: Tenant = None,
) -> None:
    """Make plaintiffs and judgments of a Simplicity export.

    A row that cannot be used is kept with its reasons, the others go in. An import that was interrupted goes on where
    it ended when it is started again, and a file that was imported changes nothing.

    Examples:

      casebase enforcement import-simplicity export.csv
    """
    result, rejected = asyncio.run(_import_simplicity(file, file.stat().st_size, tenant))
    for row in rejected[:_SHOWN_ROWS]:
        typer.echo(f"Row {row['row_number']}: {'; '.join(row['reasons'])}", err=True)
    if result.rejected > _SHOWN_ROWS:
        typer.echo(f"… and {result.rejected - _SHOWN_ROWS:,} more rows, in the console's imports.", err=True)
    before = "" if result.is_new else "This file was begun or imported before. "
    typer.echo(
        f"{before}{result.row_count:,} rows: {result.created:,} new judgments, {result.known:,} known, "
        f"{result.rejected:,} rejected."
    )


async def _import_simplicity(
    file: Path, size: int, tenant_id: UUID | None
) -> tuple[ImportResult, list[dict[str, Any]]]:
    from casebase.modules.enforcement.imports import import_simplicity as run_import

    async with Casebase.connect() as cb:
        session = cb.runtime.session()
        with Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            DownloadColumn(),
            TimeRemainingColumn(),
            console=Console(stderr=True),
            transient=True,
        ) as bar:
            task = bar.add_task(file.name, total=size)
            result = await run_import(
                session,
                file,
                tenant_id=tenant_id,
                progress=lambda done: bar.update(task, completed=done),
            )
        if not result.rejected:
            return result, []
        page = await session.call(
            "list_import_rows",
            {"import_run_id": result.import_run_id, "status": "rejected", "page_size": _SHOWN_ROWS},
        )
        return result, page["items"]
