"""``casebase enforcement``: import what vendors export, make an example to look at.

What a command needs is imported when it runs: every ``casebase`` command loads this file.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID

import typer
from rich.console import Console
from rich.progress import (
    BarColumn,
    DownloadColumn,
    Progress,
    TextColumn,
    TimeRemainingColumn,
)

from casebase import Casebase
from casebase.kernel.progress import show_progress

if TYPE_CHECKING:
    from casebase.kernel.runtime import Runtime
    from casebase.modules.enforcement.imports import ImportResult

Tenant = Annotated[UUID | None, typer.Option(help="The tenant's id. Default: the default tenant.")]
_SHOWN_ROWS = 20

app = typer.Typer(name="enforcement", help="Judgment enforcement: imports, an example.", no_args_is_help=True)


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


@app.command()
def sample(
    cases: Annotated[int, typer.Option(help="How many judgments.", min=1, max=5000)] = 60,
    tenant: Tenant = None,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask before writing.")] = False,
) -> None:
    """Fill a tenant with invented judgments, cases, payments and calls, to look at the console with.

    They are written as real ones are, and stay: use a tenant, better a database, of its own.

    Examples:

      casebase enforcement sample

      casebase enforcement sample --cases 200 --yes
    """
    if not yes:
        typer.confirm(
            f"Write {cases:,} invented judgments that cannot be removed again?", abort=True, err=True
        )
    typer.echo(f"{asyncio.run(_sample(cases, tenant)):,} judgments, with what became of them.")


async def _sample(cases: int, tenant_id: UUID | None) -> int:
    from casebase.kernel.config import load_settings
    from casebase.modules.enforcement.sample import tell

    @asynccontextmanager
    async def at(offset: timedelta) -> AsyncIterator[Runtime]:
        moved = load_settings(clock_offset=offset)
        async with Casebase.connect(settings=moved) as cb:
            yield cb.runtime

    with show_progress("Judgments", cases) as progress:
        return await tell(
            at,
            tenant_id,
            cases,
            seed=secrets.randbelow(10**6),
            progress=progress,
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
