"""``casebase practice``: accounts, the log, the cleanup and the prompts; make an example to look at.

What a command needs is imported when it runs: every ``casebase`` command loads this file.
"""

from __future__ import annotations

import asyncio
import json
import secrets
import sys
from datetime import UTC, datetime
from typing import Annotated, Any, get_args

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from casebase import Casebase
from casebase.kernel.errors import RpcError
from casebase.kernel.progress import show_progress
from casebase.modules.practice.enums import EventType, Level

_REMEDIES = {
    "email_invalid": ("This is not an e-mail address.", "Write it like ada@example.com."),
    "user_exists": (
        "There is an account with this e-mail already.",
        "Sign in with it at /practice, or give it another password with casebase user set-password.",
    ),
}
_STYLES = {"error": "bold red", "warn": "yellow", "debug": "dim"}
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]

app = typer.Typer(
    name="practice", help="Practice: accounts, log, cleanup, prompts, an example.", no_args_is_help=True
)


@app.command("create-user")
def create_user(
    email: Annotated[str, typer.Argument(help="Their e-mail, with which they sign in.")],
    password_stdin: Annotated[
        bool,
        typer.Option(
            "--password-stdin", help="Read the password from standard input instead of asking for it."
        ),
    ] = False,
) -> None:
    """Make an account for somebody who practises; it belongs to no tenant.

    Exit status: 0 when it is made, 1 where that was refused, 2 for wrong options.

    Examples:

      casebase practice create-user ada@example.com

      pass show practice/ada | casebase practice create-user ada@example.com --password-stdin
    """
    from casebase.modules.practice.web.accounts import Accounts

    email = email.strip()
    if password_stdin:
        password = sys.stdin.readline().rstrip("\r\n")
    else:
        password = str(typer.prompt("Password", hide_input=True, confirmation_prompt=True))

    async def make() -> None:
        async with Casebase.connect() as cb:
            try:
                await Accounts(cb.runtime.database).sign_up(email, password, is_confirmed=True)
            except RpcError as error:
                if error.code not in _REMEDIES:
                    raise
                error.message, error.hint = _REMEDIES[error.code]
                raise

    asyncio.run(make())
    typer.echo(f"{email.lower()} can sign in at /practice.")


@app.command()
def cleanup(
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Count only, write nothing.")] = False,
    as_json: AsJson = False,
) -> None:
    """Delete what has had its time and begin weeks anew, now, beside whatever worker does the same.

    It may be stopped at any time; the next run goes on where it ended.

    Exit status: 0 when nothing is left to do, 1 where that failed.

    Examples:

      casebase practice cleanup --dry-run

      casebase practice cleanup --json
    """
    counts = asyncio.run(_cleanup(is_dry=dry_run))
    if as_json:
        typer.echo(json.dumps(counts, indent=2))
        return
    _print_table(
        ("CLEANUP", "DUE" if dry_run else "DONE"),
        [(name, f"{count:,}") for name, count in counts.items()],
    )


@app.command()
def log(
    level: Annotated[
        str | None, typer.Option(help=f"{', '.join(get_args(Level))}. Default: all.", metavar="LEVEL")
    ] = None,
    event_type: Annotated[
        str | None, typer.Option("--type", help="An event type. Default: all.", metavar="TYPE")
    ] = None,
    since: Annotated[datetime | None, typer.Option(help="From this moment on, UTC.")] = None,
    limit: Annotated[int, typer.Option(help="How many, at most.", min=1, max=200)] = 50,
    as_json: AsJson = False,
) -> None:
    """Show what the service did lately, newest first.

    Exit status: 0, also where nothing is found; 1 where it cannot be asked, 2 for wrong options.

    Examples:

      casebase practice log --level error

      casebase practice log --type scenario_completed --since 2026-11-01
    """
    for option, given, known in (("--level", level, Level), ("--type", event_type, EventType)):
        if given is not None and given not in get_args(known):
            raise typer.BadParameter(f"choose of {', '.join(get_args(known))}", param_hint=option)
    which = {
        "level": level,
        "event_type": event_type,
        "from": since and since.replace(tzinfo=UTC).isoformat(),
        "page_size": limit,
    }
    found = asyncio.run(
        _call("list_log_events", payload={name: value for name, value in which.items() if value is not None})
    )
    if as_json:
        typer.echo(json.dumps(found["items"], indent=2))
        return
    _print_table(
        ("TIME", "LEVEL", "EVENT", "WHO", "MEASURES"),
        [
            (
                f"{event['created_at'][:19]}Z",
                event["level"],
                event["event_type"],
                event["user_key"] or "–",
                " ".join(f"{name}={_shown(value)}" for name, value in event["metadata"].items()),
            )
            for event in found["items"]
        ],
    )


@app.command()
def prompts(as_json: AsJson = False) -> None:
    """Show which file each prompt is read from.

    Exit status: 0 when all can be read, 1 where one is missing, and then its variable is named.

    Examples:

      casebase practice prompts

      CASEBASE_PRACTICE_PROMPT_HELPER_PATH=helper.md casebase practice prompts
    """
    from casebase.modules.practice.prompts import Prompts
    from casebase.modules.practice.settings import load_practice_settings

    templates = Prompts.load(load_practice_settings()).templates
    if as_json:
        found = [
            {"prompt": name, "path": template.path and str(template.path), "characters": len(template.text)}
            for name, template in templates.items()
        ]
        typer.echo(json.dumps(found, indent=2))
        return
    _print_table(
        ("PROMPT", "CHARACTERS", "FILE"),
        [
            (name, f"{len(template.text):,}", str(template.path or "the package's"))
            for name, template in templates.items()
        ],
    )


@app.command()
def sample(
    people: Annotated[int, typer.Option(help="How many people.", min=1, max=500)] = 12,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask before writing.")] = False,
) -> None:
    """Make invented people who have practised for three weeks, to look at the console and the log with.

    They are written as real ones are, and count as such: use a database of its own. To look through the eyes of one,
    give them a password: casebase user set-password --email …

    Exit status: 0 when all is written, 1 where that failed or was not wanted, 2 for wrong options.

    Examples:

      casebase practice sample

      casebase practice sample --people 50 --yes
    """
    if not yes:
        typer.confirm(f"Make {people:,} invented people and their sessions?", abort=True, err=True)
    typer.echo(f"{people:,} people, {asyncio.run(_sample(people)):,} sessions.")


async def _sample(people: int) -> int:
    from casebase.modules.practice.sample import tell

    async with Casebase.connect() as cb:
        with show_progress("People", people) as progress:
            return await tell(
                cb.runtime,
                people,
                seed=secrets.randbelow(16**5),
                progress=progress,
            )


async def _cleanup(*, is_dry: bool) -> dict[str, int]:
    from casebase.modules.practice.cleanup import BATCHES

    async with Casebase.connect() as cb:
        session = cb.runtime.session()
        if is_dry:
            due = await session.call("count_due_cleanups")
            return {name: due[name] for name in BATCHES}
        counts = dict.fromkeys(BATCHES, 0)
        for name, size in BATCHES.items():
            while count := await session.call(name, {"batch_limit": size}):
                counts[name] += count
        return counts


async def _call(function: str, **arguments: Any) -> Any:
    async with Casebase.connect() as cb:
        return await cb.call(function, **arguments)


def _print_table(columns: tuple[str, ...], rows: list[tuple[str, ...]]) -> None:
    table = Table(header_style="bold", box=None, pad_edge=False)
    for column in columns:
        table.add_column(column, no_wrap=column != columns[-1])
    for row in rows:
        table.add_row(*(Text(cell, style=_STYLES.get(cell, "")) for cell in row))
    out = Console()
    if not out.is_terminal:
        # Nothing to fit: a program that reads the lines gets each row on one, whole.
        out.width = 1000
    out.print(table)


def _shown(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)
