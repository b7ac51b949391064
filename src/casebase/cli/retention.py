"""``casebase retention``: what has to be erased, and erase it now."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from casebase.cli.output import print_json, print_table
from casebase.cli.session import in_runtime
from casebase.kernel.privacy.retention import Retention
from casebase.kernel.runtime import Runtime

app = typer.Typer(
    name="retention",
    help="Retention: what has to be erased, and erase it now.",
    no_args_is_help=True,
    rich_markup_mode="rich",
)


@app.command("list")
def list_(as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False) -> None:
    """List the rules: what waits, what was erased, and when last.

    Examples:

      casebase retention list

      casebase retention list --json
    """
    found = in_runtime(lambda runtime: Retention(runtime.database, runtime.modules).list())
    if as_json:
        print_json(found)
        return
    print_table(
        ("RULE", "WHAT", "DUE", "ERASED", "UNFINISHED", "LAST FINISHED"),
        (
            (r.rule, r.summary, r.due_count, r.erased_count, r.unfinished_count, r.last_finished_at)
            for r in found
        ),
    )


@app.command()
def run(
    rules: Annotated[
        list[str] | None, typer.Argument(help="The rules; default: all.", show_default=False)
    ] = None,
) -> None:
    """Erase all that is due, now and here, beside whatever worker does the same.

    It may be stopped at any time; the next run goes on where it ended.

    Examples:

      casebase retention run

      casebase retention run mortgage.consents
    """
    erased = in_runtime(lambda runtime: _run(runtime, rules or []))
    typer.echo(f"Erased what had to be of {erased} subject{'' if erased == 1 else 's'}.")


async def _run(runtime: Runtime, names: list[str]) -> int:
    erased = 0
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    retention = Retention(runtime.database, runtime.modules)
    # On stderr, so that what is said at the end can be read by a program.
    with Progress(*columns, console=Console(stderr=True)) as progress:
        for name, rule in retention.select(names).items():
            bar = progress.add_task(name, total=await retention.count_due(rule))
            async for count in retention.erase(rule):
                erased += count
                progress.advance(bar, count)
        bar = progress.add_task("replies, logs, statistics", total=None)
        await retention.finish()
        progress.update(bar, total=1, completed=1)
    return erased
