"""``casebase doctor``: what is missing, and the command that mends it."""

from __future__ import annotations

import asyncio
import shutil
import sys
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import asyncpg
import typer
from rich.console import Console
from rich.table import Table

from casebase.kernel.config import Settings, load_settings
from casebase.kernel.errors import CasebaseError
from casebase.kernel.module import installed_modules


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at: whether it is well, what was seen, and the remedy when it is not."""

    subject: str
    is_well: bool
    seen: str
    remedy: str = ""
    is_optional: bool = False


def register(app: typer.Typer) -> None:
    """Add the command to the root command."""
    app.command()(doctor)


def doctor() -> None:
    """Look at everything Casebase needs and name the command that mends what is missing.

    Nothing is started or changed. Exit status 1 when something needed is missing.

    Example:

      casebase doctor
    """
    findings = asyncio.run(_examine())
    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in ("", "Subject", "Seen", "Remedy"):
        table.add_column(heading, overflow="fold")
    for finding in findings:
        mark = "[green]✓[/]" if finding.is_well else "[yellow]–[/]" if finding.is_optional else "[red]✗[/]"
        table.add_row(mark, finding.subject, finding.seen, "" if finding.is_well else finding.remedy)
    Console().print(table)
    if any(not finding.is_well and not finding.is_optional for finding in findings):
        raise typer.Exit(1)


async def _examine() -> list[Finding]:
    try:
        settings = load_settings()
    except CasebaseError as error:
        return [Finding("settings", False, error.message, "Correct or unset the variables named here.")]
    findings = [
        Finding(
            "Python", sys.version_info >= (3, 11), sys.version.split()[0], "Install Python 3.11 or newer."
        ),
        Finding("settings", True, f"home {settings.home}"),
        *_modules(settings),
    ]
    findings += await _database(settings)
    findings += _optional(settings)
    return findings


def _modules(settings: Settings) -> list[Finding]:
    try:
        names = ", ".join(module.name for module in installed_modules(settings.modules))
    except CasebaseError as error:
        return [Finding("modules", False, error.message, "Install it, or correct CASEBASE_MODULES.")]
    return [Finding("modules", bool(names), names or "none", "pip install casebase")]


async def _database(settings: Settings) -> list[Finding]:
    url, is_embedded = settings.database_url, settings.database_url is None
    start = "casebase db start" if is_embedded else "Correct CASEBASE_DATABASE_URL, or start that server."
    try:
        if url is None:
            from casebase.kernel.platform.embedded import EmbeddedServer

            server = EmbeddedServer(settings.home)
            status = server.status()
            if status.state != "running":
                return [Finding("database", False, f"embedded server {status.state}", start)]
            url = server.url()
        connection = await asyncpg.connect(url, timeout=5)
    except (CasebaseError, OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        return [Finding("database", False, type(error).__name__, start)]
    try:
        return [await probe(connection, settings) for probe in _PROBES]
    finally:
        await connection.close()


async def _version(connection: asyncpg.Connection, settings: Settings) -> Finding:
    number = int(await connection.fetchval("show server_version_num"))
    kind = "embedded" if settings.database_url is None else "external"
    seen = f"PostgreSQL {number // 10000}.{number % 10000}, {kind}"
    return Finding("database", number >= 150000, seen, "Use PostgreSQL 15 or newer.")


async def _schema(connection: asyncpg.Connection, _: Settings) -> Finding:
    if await connection.fetchval("select to_regclass('public.tenants') is null"):
        return Finding("schema", False, "not there", "casebase migrate up")
    return Finding("schema", True, "there", "casebase migrate up")


async def _people(connection: asyncpg.Connection, _: Settings) -> Finding:
    if await connection.fetchval("select to_regclass('public.tenant_users') is null"):
        return Finding("logins", False, "no schema yet", "casebase migrate up")
    count = await connection.fetchval("select count(distinct user_id) from public.tenant_users")
    return Finding(
        "logins",
        count > 0,
        f"{count} can sign in",
        "casebase user create --email you@example.com",
        is_optional=True,
    )


_PROBES: tuple[Callable[[asyncpg.Connection, Settings], Awaitable[Finding]], ...] = (
    _version,
    _schema,
    _people,
)


def _optional(settings: Settings) -> list[Finding]:
    supabase = shutil.which("supabase")
    return [
        Finding(
            "shared rate limits",
            settings.redis_url is not None,
            "Redis" if settings.redis_url else "in memory, per process",
            "Set CASEBASE_REDIS_URL when several API processes run.",
            is_optional=True,
        ),
        Finding(
            "Supabase CLI",
            supabase is not None,
            supabase or "not on PATH",
            "npm install supabase",
            is_optional=True,
        ),
    ]
