"""``casebase mortgage``: export what may be published, show a context, decide a tenant's settings.

What a command needs is imported when it runs: every ``casebase`` command loads this file.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeVar
from uuid import UUID

import typer
from pydantic import BaseModel
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn

from casebase import Casebase

if TYPE_CHECKING:
    from casebase.modules.mortgage.publishing import Export

T = TypeVar("T")
Tenant = Annotated[UUID | None, typer.Option(help="The tenant's id. Default: the default tenant.")]

app = typer.Typer(
    name="mortgage", help="Mortgage cases: publishing, AI context, settings.", no_args_is_help=True
)


@app.command("export-pseo")
def export_pseo(
    out: Annotated[Path, typer.Option(help="The folder to write; an earlier export there is replaced.")],
    tenant: Tenant = None,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask before replacing an export.")] = False,
) -> None:
    """Write anonymous summaries of cases whose borrowers agreed: cases.jsonl, and a Markdown page a group.

    Groups smaller than five are withheld. Personal data, a bank or a known borrower in the output stops the export, and
    nothing is written.

    Examples:

      casebase mortgage export-pseo --out pseo

      casebase mortgage export-pseo --out pseo --yes
    """
    from casebase.modules.mortgage.publishing import export, require_replaceable

    require_replaceable(out)
    if out.exists() and any(out.iterdir()) and not yes:
        typer.confirm(f"Replace the export in {out}?", abort=True, err=True)
    with Progress(
        SpinnerColumn(),
        TextColumn("{task.completed:,} cases read"),
        console=Console(stderr=True),
        transient=True,
    ) as bar:
        task = bar.add_task("", total=None)

        async def write(cb: Casebase) -> Export:
            return await export(
                cb.runtime.session(),
                out,
                tenant_id=tenant,
                progress=lambda done: bar.update(task, completed=done),
            )

        done = _with_casebase(write)
    typer.echo(f"{done.cases} cases and {done.pages} pages in {done.folder}; {done.withheld} cases withheld.")


@app.command()
def context(
    case_id: Annotated[UUID, typer.Argument(help="The case.", show_default=False)],
) -> None:
    """Print what an AI broker may know of a case, as JSON.

    Examples:

      casebase mortgage context 6f1c…
    """
    _print(_with_casebase(lambda cb: cb.mortgage.get_context(case_id)), is_sparse=True)


@app.command()
def settings(
    tenant: Tenant = None,
    reveal: Annotated[
        bool | None, typer.Option("--reveal/--no-reveal", help="Let the AI broker know of counter-offers.")
    ] = None,
    high_value_loan: Annotated[
        float | None, typer.Option(help="From which loan on the end of a consent is alerted.")
    ] = None,
    retention_risk_savings: Annotated[
        float | None, typer.Option(help="From which savings on a case may be tagged #retention_risk.")
    ] = None,
) -> None:
    """Print a tenant's settings as JSON; options change them first.

    Examples:

      casebase mortgage settings

      casebase mortgage settings --reveal --high-value-loan 1500000
    """
    given = {
        "is_reveal_enabled": reveal,
        "high_value_loan": high_value_loan,
        "retention_risk_savings": retention_risk_savings,
    }
    if any(value is not None for value in given.values()):
        from casebase.modules.mortgage.models import SettingsChange

        change = SettingsChange.model_validate({**given, "tenant_id": tenant})
        _print(_with_casebase(lambda cb: cb.mortgage.set_settings(change)))
    else:
        _print(_with_casebase(lambda cb: cb.mortgage.get_settings(tenant)))


def _with_casebase(call: Callable[[Casebase], Awaitable[T]]) -> T:
    async def connected() -> T:
        async with Casebase.connect() as cb:
            return await call(cb)

    return asyncio.run(connected())


def _print(model: BaseModel, *, is_sparse: bool = False) -> None:
    typer.echo(model.model_dump_json(indent=2, exclude_unset=is_sparse))
