"""``casebase notifications``: evaluate now, or see how many would be notified; make an example to look at.

What a command needs is imported when it runs: every ``casebase`` command loads this file.
"""

from __future__ import annotations

import asyncio
import json
import secrets
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID, uuid4

import typer
from rich.console import Console
from rich.table import Table

from casebase import Casebase
from casebase.kernel.progress import show_progress
from casebase.modules.notifications.enums import ScenarioType

if TYPE_CHECKING:
    from casebase.kernel.runtime import Runtime

_OUTCOMES = ("notified", "opted_out", "cooldown", "failed_recently", "quiet_hours")

app = typer.Typer(
    name="notifications", help="Nudges: who is due, evaluate now, an example.", no_args_is_help=True
)


@app.command()
def evaluate(
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Count only, write nothing.")] = False,
    org: Annotated[
        str | None, typer.Option(help="The id or slug of one organisation. Default: all.", metavar="ID|SLUG")
    ] = None,
    only: Annotated[
        list[ScenarioType] | None, typer.Option(help="A scenario; repeatable. Default: all.")
    ] = None,
    now: Annotated[
        datetime | None, typer.Option(help="Count as of this moment, UTC; with --dry-run.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Find who is due and write their notifications, for the workers to send.

    It may be stopped at any time: what was written stays, and nobody is notified twice by the next.

    Exit status: 0 when everybody was evaluated, 1 where that failed (an unknown organisation, a database that is away),
    2 for wrong options.

    Examples:

      casebase notifications evaluate --dry-run

      casebase notifications evaluate --org acme --only milestone --only welcome_back

      casebase notifications evaluate --dry-run --now 2027-01-01
    """
    if now is not None and not dry_run:
        raise typer.BadParameter("a moment can be chosen with --dry-run only", param_hint="--now")
    asked: dict[str, Any] = {"dry_run": dry_run}
    if only:
        asked["scenario_types"] = only
    if now is not None:
        asked["now"] = now.replace(tzinfo=UTC).isoformat()
    evaluated, counts = asyncio.run(_evaluate(org, asked))
    if as_json:
        typer.echo(json.dumps({"evaluated": evaluated, "scenarios": counts}, indent=2))
        return
    table = Table(header_style="bold", box=None, pad_edge=False)
    table.add_column("SCENARIO", no_wrap=True)
    for outcome in _OUTCOMES:
        table.add_column(outcome.replace("_", " ").upper(), justify="right")
    for scenario in only or ScenarioType:
        table.add_row(scenario, *(f"{counts.get(scenario, Counter())[outcome]:,}" for outcome in _OUTCOMES))
    Console().print(table)
    typer.echo(f"{evaluated:,} people {'looked at, nothing written' if dry_run else 'evaluated'}.")


@app.command()
def sample(
    mentors: Annotated[int, typer.Option(help="How many people.", min=1, max=500)] = 40,
    org: Annotated[
        str, typer.Option(help="The id or slug of the organisation.", metavar="ID|SLUG")
    ] = "default",
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask before writing.")] = False,
) -> None:
    """Fill an organisation with invented mentors and a season of nudges, to look at the console with.

    They are written as real ones are, and stay: use a database of its own, and stop its workers meanwhile. Nothing is
    sent: it is refused where a sender is configured.

    Exit status: 0 when all is written, 1 where that was refused or failed, 2 for wrong options.

    Examples:

      casebase notifications sample

      casebase notifications sample --mentors 200 --org acme --yes
    """
    if not yes:
        typer.confirm(
            f"Make {mentors:,} invented members of {org} who cannot be removed again?", abort=True, err=True
        )
    typer.echo(f"{mentors:,} mentors, {asyncio.run(_sample(mentors, org)):,} notifications.")


async def _sample(mentors: int, organization: str) -> int:
    from casebase.kernel.config import load_settings
    from casebase.kernel.db import Database
    from casebase.kernel.log import configure_logging
    from casebase.kernel.platform.connection_urls import owner_url
    from casebase.modules.notifications.sample import OLDEST_DAY, tell

    @asynccontextmanager
    async def at(offset: timedelta) -> AsyncIterator[Runtime]:
        async with Casebase.connect(settings=load_settings(clock_offset=offset)) as cb:
            yield cb.runtime

    # The sender's lines, one a notification, would draw over the bar.
    configure_logging(load_settings(log_level="warning"))
    owner = await asyncio.to_thread(owner_url, load_settings())
    async with at(timedelta()) as runtime:
        found = await runtime.session().call("list_scenario_organizations", {"organization": organization})
    chosen = found["items"][0]

    async def join(offset: timedelta, email: str) -> UUID:
        # No password hashes to "!", so nobody signs in as them.
        async with await Database.connect(owner, pool_size=1, clock_offset=offset) as database:
            made = "select casebase.create_user($1, '!', $2, 'member')"
            user_id: UUID = await database.pool.fetchval(made, email, chosen["slug"])
            return user_id

    with show_progress("Days", OLDEST_DAY + 1) as progress:
        return await tell(
            at,
            join,
            UUID(chosen["organization_id"]),
            mentors,
            seed=secrets.randbelow(16**5),
            progress=progress,
        )


async def _evaluate(organization: str | None, asked: dict[str, Any]) -> tuple[int, dict[str, Counter[str]]]:
    from casebase.modules.notifications.evaluation import in_batches

    evaluated = 0
    counts: dict[str, Counter[str]] = {}
    async with Casebase.connect() as cb:
        session = cb.runtime.session()
        found = await session.call("list_scenario_organizations", {"organization": organization})
        with show_progress("People", sum(item["people"] for item in found["items"])) as progress:
            for item in found["items"]:
                payload = asked | {"organization_id": item["organization_id"]}
                if not asked["dry_run"]:
                    payload["run_key"] = f"command:{uuid4()}"
                async for batch in in_batches(session, payload):
                    evaluated += batch["evaluated"]
                    for scenario, outcomes in batch["scenarios"].items():
                        counts.setdefault(scenario, Counter()).update(outcomes)
                    progress(evaluated)
    return evaluated, counts
