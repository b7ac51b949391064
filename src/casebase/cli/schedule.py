"""``casebase schedule``: look at the cron rules, run one now."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Annotated, TypeVar

import typer

from casebase.cli.output import print_json, print_table
from casebase.cli.session import in_runtime
from casebase.kernel.errors import NotFoundError
from casebase.kernel.jobs import Schedules
from casebase.kernel.jobs.scheduler import Scheduler
from casebase.kernel.runtime import Runtime

app = typer.Typer(
    name="schedule",
    help="Schedules: look at the cron rules, run one now.",
    no_args_is_help=True,
    rich_markup_mode="rich",
)
T = TypeVar("T")

_STYLES = {"due": "cyan", "disabled": "yellow"}


class ScheduleNotFoundError(NotFoundError):
    """There is no such schedule."""

    code = "schedule_not_found"


@app.command("list")
def list_(as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False) -> None:
    """List the schedules with their last and next tick, in UTC.

    Examples:

      casebase schedule list

      casebase schedule list --json
    """
    schedules = _ask(lambda schedules: schedules.list())
    if as_json:
        print_json(schedules)
        return
    print_table(
        ("SCHEDULE", "", "MODULE", "CRON", "QUEUE", "LAST TICK", "NEXT TICK"),
        (
            (
                s.name,
                "disabled" if not s.is_enabled else "due" if s.is_due else "",
                *(s.module, s.cron, s.queue, s.last_tick),
                s.next_tick if s.is_enabled else None,
            )
            for s in schedules
        ),
        styles=_STYLES,
    )


@app.command()
def run(name: Annotated[str, typer.Argument(help="The schedule.", show_default=False)]) -> None:
    """Queue a schedule's job now, beside its ticks.

    Example:

      casebase schedule run purge_idempotency_keys
    """

    async def start(schedules: Schedules) -> int | None:
        listing = {schedule.name: schedule for schedule in await schedules.list()}
        if name not in listing:
            raise ScheduleNotFoundError(hint=f"Schedules: {', '.join(listing)}.")
        return await schedules.start(name, listing[name].now)

    typer.echo(f"Queued job {_ask(start)}.")


def _ask(question: Callable[[Schedules], Awaitable[T]]) -> T:
    async def ask(runtime: Runtime) -> T:
        await _declare(runtime)
        return await question(Schedules(runtime.database))

    return in_runtime(ask)


async def _declare(runtime: Runtime) -> None:
    # A fresh database learns the rules from its first scheduler; until then this shows them all the same.
    await Scheduler(runtime).sync()
