"""``casebase demo``: the whole product on a laptop, told by each module's own story."""

from __future__ import annotations

import asyncio
import contextlib
import json
import re
import secrets
import sys
import tempfile
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import httpx
import typer
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from casebase.cli.run import running, signals_set
from casebase.console.accounts import create_user
from casebase.kernel.config import Settings, load_settings
from casebase.kernel.db import SERVICE, Database
from casebase.kernel.errors import CasebaseError, ConfigurationError
from casebase.kernel.module import DemoStory, Module, Proof, installed_modules, resolve
from casebase.kernel.platform.connection_urls import api_url, owner_url
from casebase.kernel.platform.embedded import EmbeddedServer

EMAIL = "demo@example.com"
_PATIENCE_S = 60.0


class DemoFailedError(CasebaseError):
    """The demo's story did not come out as told."""

    code = "demo_failed"


@dataclass(frozen=True, slots=True)
class _Told:
    """A module's story after its requests were answered."""

    story: DemoStory
    replies: Sequence[Mapping[str, Any]]
    proofs: Sequence[Proof]


def register(app: typer.Typer) -> None:
    """Add the command to the root command."""
    app.command()(demo)


def demo(
    check: Annotated[
        bool, typer.Option("--check", help="Tell the story in a fresh database, assert it, and exit 0 or 1.")
    ] = False,
    port: Annotated[int, typer.Option(help="Port to listen on; 0 picks a free one.", min=0)] = 0,
) -> None:
    """Start everything on the embedded PostgreSQL, post realistic requests, and show where to look.

    The demo has a database of its own, apart from your data: CASEBASE_DATABASE_URL is refused. Ctrl-C stops it all.

    Examples:

      casebase demo

      casebase demo --check
    """
    settings = load_settings(port=port, log_level="warning")
    if settings.database_url is not None:
        raise ConfigurationError(
            "The demo posts invented people; it does not touch the database of CASEBASE_DATABASE_URL.",
            hint="Unset CASEBASE_DATABASE_URL for this command.",
        )
    with contextlib.ExitStack() as stack:
        home = settings.home / "demo"
        if check:
            home = Path(
                stack.enter_context(
                    tempfile.TemporaryDirectory(prefix="casebase-demo-", ignore_cleanup_errors=True)
                )
            )
        settings = settings.model_copy(update={"home": home})
        server = EmbeddedServer(home)
        # As root the data of a private home lies elsewhere and would stay behind.
        stack.callback(server.discard if check else server.stop)
        asyncio.run(_demo(settings, check))


async def _demo(settings: Settings, check: bool) -> None:
    out = Console(highlight=False)
    stop = asyncio.Event()
    with signals_set(stop):
        async with _steps(out) as step:
            step("Starting PostgreSQL")
            url = await asyncio.to_thread(owner_url, settings)
            step("Migrating")
            from casebase.app import prepare_database

            await prepare_database(settings)
            password = await _make_login(url)
            step("Starting API, console, worker and scheduler")
            async with running(settings, stop) as address:
                told = []
                for module in installed_modules(settings.modules):
                    if module.demo is not None:
                        told.append(await _tell(module, settings, address, step))
                proofs = [proof for story in told for proof in story.proofs]
                proofs += await _look_at_console(address, password, told)
                step("")
                _report(out, proofs)
                if not check and not stop.is_set():
                    _invite(out, address, password, told)
                    await stop.wait()


async def _make_login(owner: str) -> str:
    """Make the demo's login, or give the one of an earlier demo a new password, and return that."""
    password = secrets.token_urlsafe(12)
    async with await Database.connect(owner, pool_size=1, application_name="casebase demo") as database:
        await create_user(database, EMAIL, password, tenant="default", role="admin", replace_password=True)
    return password


async def _tell(module: Module, settings: Settings, address: str, step: Any) -> _Told:
    assert module.demo is not None
    story: DemoStory = resolve(module.demo)
    step(f"{module.title}: posting {len(story.requests)} requests")
    async with httpx.AsyncClient(base_url=address, timeout=30) as client:
        replies = []
        for request in story.requests:
            response = await client.post(story.endpoint, json=request)
            if response.is_error:
                raise DemoFailedError(f"{story.endpoint} answered {response.status_code}: {response.text}")
            replies.append(response.json())
    step(f"{module.title}: waiting for the workers")
    async with await Database.connect(await asyncio.to_thread(api_url, settings), pool_size=2) as database:
        session = database.session(SERVICE)
        try:
            async with asyncio.timeout(_PATIENCE_S):
                while not await story.is_told(session, replies):  # noqa: ASYNC110  # another process's work: polled
                    await asyncio.sleep(0.1)
        except TimeoutError:
            raise DemoFailedError(
                f"{module.title}: the workers did not finish within {_PATIENCE_S:.0f} s."
            ) from None
        return _Told(story, replies, await story.prove(session, replies))


async def _look_at_console(address: str, password: str, told: Sequence[_Told]) -> list[Proof]:
    """Sign in as a person would and open the page of each story's first case."""
    async with httpx.AsyncClient(base_url=address, follow_redirects=True, timeout=30) as client:
        page = await client.get("/console/login")
        token = re.search(r'name="csrf_token" value="([^"]+)"', page.text)
        form = {"email": EMAIL, "password": password, "csrf_token": token[1] if token else ""}
        home = await client.post("/console/login", data=form)
        proofs = [
            Proof(
                "the console lets the demo's user in",
                home.status_code == 200 and "login" not in home.url.path,
            )
        ]
        for story in told:
            path, text = story.story.page(story.replies[0])
            page = await client.get(path)
            proofs.append(
                Proof(
                    f"the console shows the case's page with “{text}”",
                    page.status_code == 200 and text in page.text,
                )
            )
        return proofs


def _report(out: Console, proofs: Sequence[Proof]) -> None:
    for proof in proofs:
        out.print(f"{'[green]✓[/]' if proof.holds else '[red]✗[/]'} {proof.statement}")
    broken = [proof.statement for proof in proofs if not proof.holds]
    if broken or not proofs:
        raise DemoFailedError(f"{len(broken)} of {len(proofs)} statements do not hold.")


def _invite(out: Console, address: str, password: str, told: Sequence[_Told]) -> None:
    out.print()
    out.print(f"  Console   [bold]{address}/console[/]")
    out.print(f"  Login     {EMAIL}   {password}")
    out.print(f"  API       {address}/docs")
    for story in told:
        body = json.dumps(story.story.requests[-1])
        out.print("\n  Post the next one:")
        # Plain print: the line is meant to be copied, so it must not be wrapped or styled.
        sys.stdout.write(
            f"  curl -s {address}{story.story.endpoint} -H 'Content-Type: application/json' -d '{body}'\n"
        )
    out.print("\n  Ctrl-C stops everything.", style="dim")


@contextlib.asynccontextmanager
async def _steps(out: Console) -> AsyncIterator[Any]:
    """Show which step is under way: a spinner for people, a line each for pipes."""
    if not out.is_terminal:
        yield lambda text: out.print(f"… {text}") if text else None
        return
    columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    with Progress(*columns, console=out, transient=True) as progress:
        task = progress.add_task("", total=None)
        yield lambda text: progress.update(task, description=text, visible=bool(text))
