"""``casebase doctor``: what is missing, and the command that mends it."""

from __future__ import annotations

import asyncio
import importlib.util
import shutil
import sys
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

import asyncpg
import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from casebase.kernel.config import Settings, load_settings
from casebase.kernel.db import DRIVER_ERRORS
from casebase.kernel.errors import CasebaseError
from casebase.kernel.module import Module, installed_modules, resolve


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
        remedy = "" if finding.is_well else finding.remedy
        table.add_row(mark, finding.subject, escape(finding.seen), escape(remedy))
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
    ]
    modules: tuple[Module, ...] = ()
    try:
        modules = installed_modules(settings.modules)
        names = ", ".join(module.name for module in modules)
        findings.append(Finding("modules", bool(names), names or "none", "pip install casebase"))
    except CasebaseError as error:
        findings.append(Finding("modules", False, error.message, "Install it, or correct CASEBASE_MODULES."))
    findings += [_checked(module) for module in modules if module.check is not None]
    findings += await _database(settings, modules)
    findings += _optional(settings)
    return findings


def _checked(module: Module) -> Finding:
    assert module.check is not None
    try:
        return Finding(module.name, True, resolve(module.check)())
    except CasebaseError as error:
        return Finding(module.name, False, error.message, error.hint or "Correct or unset that variable.")


async def _database(settings: Settings, modules: Sequence[Module]) -> list[Finding]:
    """Look as the owner, then as the API; a process that only serves has the API's login alone."""
    owner, api = settings.database_url, settings.api_database_url or settings.database_url
    if api is None:
        return await _embedded(settings, modules)
    findings: list[Finding] = []
    first: tuple[Probe, ...] = (_version, _schema_is_there)
    if owner is not None:
        remedy = "Correct CASEBASE_DATABASE_URL, or start that server."
        findings = await _look(owner, "database", remedy, _version, _schema(owner, modules), _people)
        if not findings[0].is_well:
            return findings
        first = ()
    remedy = "Correct CASEBASE_API_DATABASE_URL, or give that role its password."
    return findings + await _look(api, "API login", remedy, *first, _api_login)


async def _embedded(settings: Settings, modules: Sequence[Module]) -> list[Finding]:
    from casebase.kernel.platform.embedded import EmbeddedServer

    remedy = "casebase db start"
    try:
        server = EmbeddedServer(settings.home)
        status = server.status()
        if status.state != "running":
            return [Finding("database", False, f"embedded server {status.state}", remedy)]
        url = server.url()
    except CasebaseError as error:
        return [Finding("database", False, error.message, error.hint or remedy)]
    return await _look(url, "database", remedy, _version, _schema(url, modules), _people)


Probe = Callable[[asyncpg.Connection], Awaitable[Finding]]


async def _look(url: str, subject: str, remedy: str, *probes: Probe) -> list[Finding]:
    """Connect and probe; what keeps from it is the finding about ``subject``, named without its values."""
    try:
        connection = await asyncpg.connect(url, timeout=5)
        try:
            return [await probe(connection) for probe in probes]
        finally:
            await connection.close()
    except DRIVER_ERRORS as error:
        return [Finding(subject, False, type(error).__name__, remedy)]


async def _version(connection: asyncpg.Connection) -> Finding:
    number = int(await connection.fetchval("show server_version_num"))
    seen = f"PostgreSQL {number // 10000}.{number % 10000}"
    return Finding("database", number >= 150000, seen, "Use PostgreSQL 15 or newer.")


def _schema(owner: str, modules: Sequence[Module]) -> Probe:
    """Make the probe of what the migrations would do."""

    async def probe(connection: asyncpg.Connection) -> Finding:
        from casebase.kernel.migrate import migration_status

        there = await _schema_is_there(connection)
        if not there.is_well:
            return there
        units = await migration_status(owner, modules)
        changed = [unit.unit for unit in units if unit.changed]
        if changed:
            seen = f"versioned files of {', '.join(changed)} were changed"
            return Finding("schema", False, seen, "Restore them; casebase migrate status names them.")
        pending = [unit.unit for unit in units if not unit.is_current]
        seen = f"files of {', '.join(pending)} are pending" if pending else "as shipped"
        return Finding("schema", not pending, seen, "casebase migrate up")

    return probe


async def _schema_is_there(connection: asyncpg.Connection) -> Finding:
    is_there = await connection.fetchval("select to_regclass('public.tenants') is not null")
    return Finding("schema", is_there, "there" if is_there else "not there", "casebase migrate up")


async def _people(connection: asyncpg.Connection) -> Finding:
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


async def _api_login(connection: asyncpg.Connection) -> Finding:
    # A superuser is a member of every role.
    role, is_owner = await connection.fetchrow(
        """
        select session_user, exists (
            select from pg_catalog.pg_namespace n
            where n.nspname = 'casebase' and pg_has_role(session_user, n.nspowner, 'member'))
        """
    )
    return Finding(
        "API login",
        not is_owner,
        f"{role}, which owns the database" if is_owner else role,
        "alter role casebase_api password '…'; then set CASEBASE_API_DATABASE_URL to that role's URL.",
        is_optional=True,
    )


def _optional(settings: Settings) -> list[Finding]:
    supabase = shutil.which("supabase")
    has_client = importlib.util.find_spec("openai") is not None
    uses_apprise = settings.push_urls is not None or settings.alert_urls is not None
    has_apprise = importlib.util.find_spec("apprise") is not None
    nudges_by = (
        "Apprise" if settings.push_urls else "webhook" if settings.push_webhook_url else "the log alone"
    )
    return [
        Finding(
            "shared rate limits",
            settings.redis_url is not None,
            "Redis" if settings.redis_url else "in memory, per process",
            "Set CASEBASE_REDIS_URL when several API processes run.",
            is_optional=True,
        ),
        Finding(
            "chat model",
            bool(settings.ai_url and settings.ai_model and has_client),
            settings.ai_model or "none, notes on cases are extracts",
            "pip install 'casebase[ai]'; set CASEBASE_AI_URL and CASEBASE_AI_MODEL.",
            is_optional=True,
        ),
        Finding(
            "nudges",
            settings.push_urls is not None or settings.push_webhook_url is not None,
            f"by {nudges_by}",
            "Set CASEBASE_PUSH_URLS, or CASEBASE_PUSH_WEBHOOK_URL and CASEBASE_PUSH_WEBHOOK_SECRET.",
            is_optional=True,
        ),
        Finding(
            "Apprise",
            has_apprise or not uses_apprise,
            "installed" if has_apprise else "not installed",
            "pip install 'casebase[alerts]'",
        ),
        Finding(
            "Supabase CLI",
            supabase is not None,
            supabase or "not on PATH",
            "npm install supabase",
            is_optional=True,
        ),
    ]
