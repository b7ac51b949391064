"""``casebase demo``: the whole product on a laptop, told by each module's own story."""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import json
import re
import secrets
import shlex
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from casebase.cli.run import running, signals_set, unless_stopped
from casebase.console.accounts import create_user
from casebase.kernel.config import Settings, load_settings
from casebase.kernel.db import SERVICE, Database
from casebase.kernel.errors import CasebaseError, ConfigurationError
from casebase.kernel.module import DemoStory, Module, Proof, installed_modules, resolve
from casebase.kernel.platform.connection_urls import api_url, owner_url
from casebase.kernel.platform.embedded import EmbeddedServer, HomeUnusableError

EMAIL = "demo@example.com"
_PATIENCE_S = 60.0


class DemoFailedError(CasebaseError):
    """The demo's story did not come out as told."""

    code = "demo_failed"


class DemoRunningError(CasebaseError):
    """Another demo runs in this home: its database is the same, and would stop with it."""

    code = "demo_running"
    status = 409


@dataclass(frozen=True, slots=True)
class _Told:
    """A module's story after its requests were answered."""

    title: str
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
        else:
            stack.enter_context(_alone(home))
        settings = settings.model_copy(update={"home": home})
        server = EmbeddedServer(home)
        # As root the data of a private home lies elsewhere and would stay behind.
        stack.callback(server.discard if check else server.stop)
        asyncio.run(_demo(settings, check))


@contextlib.contextmanager
def _alone(home: Path) -> Iterator[None]:
    """Hold the demo's home until this process ends, however it ends; refuse while another one holds it."""
    lock = home.with_suffix(".lock")
    with contextlib.ExitStack() as stack:
        try:
            lock.parent.mkdir(parents=True, exist_ok=True)
            file = stack.enter_context(lock.open("ab"))
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise DemoRunningError(
                hint="Stop that one with Ctrl-C, or give this one a CASEBASE_HOME of its own."
            ) from None
        except OSError as error:
            raise HomeUnusableError(
                detail={"path": str(lock), "reason": error.strerror},
                hint="Set CASEBASE_HOME to a folder of your own.",
            ) from error
        yield


async def _demo(settings: Settings, check: bool) -> None:
    out = Console(highlight=False, soft_wrap=True)
    stop = asyncio.Event()
    with signals_set(stop), contextlib.ExitStack() as progress:
        step = progress.enter_context(_steps(out))
        step("Starting PostgreSQL and migrating")
        password = await unless_stopped(stop, _prepare(settings))
        step("Starting API, console, worker and scheduler")
        async with running(settings, stop) as address:
            told = [
                await unless_stopped(stop, _tell(module, settings, address, step))
                for module in installed_modules(settings.modules)
                if module.demo is not None
            ]
            step("Looking at the console")
            seen = await unless_stopped(stop, _look_at_console(address, password, told))
            progress.close()
            _report(out, told, seen)
            if not check:
                _invite(out, address, password, told)
                await stop.wait()
                out.print("\nStopping …", style="dim")


async def _prepare(settings: Settings) -> str:
    """Bring the demo's database up; return the password of its login."""
    from casebase.app import prepare_database

    await prepare_database(settings)
    return await _make_login(await asyncio.to_thread(owner_url, settings))


async def _make_login(owner: str) -> str:
    """Make the demo's login, or give the one of an earlier demo a new password, and return that."""
    password = secrets.token_urlsafe(12)
    async with await Database.connect(owner, pool_size=1, application_name="casebase demo") as database:
        await create_user(database, EMAIL, password, tenant="default", role="admin", replace_password=True)
    return password


async def _tell(module: Module, settings: Settings, address: str, step: Callable[[str], None]) -> _Told:
    assert module.demo is not None
    story: DemoStory = resolve(module.demo)
    step(f"{module.title}: posting {len(story.requests)} requests")
    import httpx

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
        return _Told(module.title, story, replies, await story.prove(session, replies))


async def _look_at_console(address: str, password: str, told: Sequence[_Told]) -> list[Proof]:
    """Sign in as a person would and open the page of each story's first case."""
    import httpx

    async with httpx.AsyncClient(base_url=address, follow_redirects=True, timeout=30) as client:
        page = await client.get("/console")
        token = re.search(r'name="csrf_token" value="([^"]+)"', page.text)
        form = {"email": EMAIL, "password": password, "csrf_token": token[1] if token else ""}
        home = await client.post("/console/login", data=form)
        proofs = [
            Proof(
                "The demo's user can sign in",
                home.status_code == 200 and "login" not in home.url.path,
            )
        ]
        for story in told:
            path, text = story.story.page(story.replies[0])
            page = await client.get(path)
            proofs.append(
                Proof(
                    f"{story.title}: the page of the first case shows {text}",
                    page.status_code == 200 and text in page.text,
                )
            )
        return proofs


def _report(out: Console, told: Sequence[_Told], seen: Sequence[Proof]) -> None:
    proofs = [
        *((story.title, proof) for story in told for proof in story.proofs),
        *(("Console", p) for p in seen),
    ]
    heading = None
    for title, proof in proofs:
        if title != heading:
            out.print(f"\n[bold]{escape(title)}[/]")
            heading = title
        out.print(f"  {'[green]✓[/]' if proof.holds else '[red]✗[/]'} {escape(proof.statement)}")
    broken = sum(not proof.holds for _, proof in proofs)
    if broken or not told:
        raise DemoFailedError(
            f"{broken} of {len(proofs)} statements do not hold."
            if told
            else "No installed module has a story to tell."
        )


def _invite(out: Console, address: str, password: str, told: Sequence[_Told]) -> None:
    first, _ = told[0].story.page(told[0].replies[0])
    # Not in a box, which folds what is wider than itself: addresses are meant to be copied.
    out.print("\n[bold green]Casebase is running[/]\n")
    for name, value in (
        ("Console", f"[bold cyan]{address}/console[/]"),
        ("Login", f"[bold]{EMAIL}[/]  password [bold]{password}[/]"),
        ("A case", f"{address}{first}"),
        ("API", f"{address}, described at {address}/openapi.json"),
    ):
        out.print(f"  [dim]{name:<8}[/]{value}")
    for story in told:
        out.print(f"\n[dim]Post the next one to {escape(story.title)} from another shell:[/]\n")
        body = shlex.quote(json.dumps(story.story.requests[-1], separators=(",", ":")))
        # Not through rich: the line is meant to be copied, so nothing may wrap or colour it.
        out.file.write(
            f"curl -sS {address}{story.story.endpoint} -H 'Content-Type: application/json' -d {body}\n"
        )
    out.print("\n[dim]Ctrl-C stops everything.[/]")


@contextlib.contextmanager
def _steps(out: Console) -> Iterator[Callable[[str], None]]:
    """Show which step is under way: a spinner for people, a line each for pipes."""
    if not out.is_terminal:
        yield lambda text: out.print(f"… {escape(text)}")
        return
    columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    with Progress(*columns, console=out, transient=True) as progress:
        task = progress.add_task("", total=None)
        yield lambda text: progress.update(task, description=escape(text))
