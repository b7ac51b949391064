"""``casebase up``, ``serve`` and ``worker``: the product as one process or as many."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import socket
from collections.abc import AsyncIterator, Coroutine, Iterator
from typing import Annotated, Any, TypeVar

import typer
from rich.console import Console

from casebase.kernel.config import Settings, load_settings
from casebase.kernel.errors import ConfigurationError
from casebase.kernel.runtime import run_until

T = TypeVar("T")

Host = Annotated[str | None, typer.Option(help="Address to listen on; default CASEBASE_HOST or 127.0.0.1.")]
Port = Annotated[int | None, typer.Option(help="Port to listen on; 0 picks a free one; default 8400.", min=0)]


def register(app: typer.Typer) -> None:
    """Add the commands of this file to the root command."""
    app.command()(up)
    app.command()(serve)
    app.command()(worker)


def up(host: Host = None, port: Port = None) -> None:
    """Run everything in one process: migrate, then API, console, worker and scheduler.

    Examples:

      casebase up

      casebase up --port 9000

      CASEBASE_DATABASE_URL=postgresql://… casebase up
    """
    settings = _settings(host, port)
    asyncio.run(_up(settings))


def serve(
    host: Host = None,
    port: Port = None,
    workers: Annotated[int, typer.Option(help="Processes that share the port.", min=1, max=64)] = 1,
) -> None:
    """Run the API and the console; the schema must be there (casebase migrate up).

    Examples:

      casebase serve --workers 4

      casebase serve --host 0.0.0.0 --port 80
    """
    import uvicorn

    from casebase.kernel.log import configure_logging
    from casebase.kernel.monitoring.sharing import shared_folder

    settings = _settings(host, port)
    configure_logging(settings)
    with contextlib.nullcontext() if workers == 1 else shared_folder(settings.home):
        uvicorn.run(
            "casebase.app:Application",
            factory=True,
            host=settings.host,
            port=settings.port,
            workers=workers,
            access_log=False,
            log_config=None,
            server_header=False,
            # Whose address counts is CASEBASE_TRUSTED_PROXY_COUNT's to say: no header from a loopback peer is believed.
            proxy_headers=False,
            timeout_graceful_shutdown=10,
            # A worker that is busy opening its pool is not dead.
            timeout_worker_healthcheck=30,
        )


def worker(
    queue: Annotated[
        list[str] | None,
        typer.Option(help="Serve only this queue; repeat for several. Default: all, and listeners."),
    ] = None,
    scheduler: Annotated[bool, typer.Option(help="Run the scheduler beside the worker.")] = True,
) -> None:
    """Run jobs, and the scheduler beside them; any number of workers may run at once.

    Examples:

      casebase worker

      casebase worker --queue mortgage_calculation --no-scheduler
    """
    asyncio.run(_work(load_settings(), queue, scheduler))


async def _up(settings: Settings) -> None:
    from casebase.app import prepare_database

    stop = asyncio.Event()
    # Before anything answers: whoever sees this process ready may end it with a signal.
    with signals_set(stop):
        await unless_stopped(stop, prepare_database(settings))
        async with running(settings, stop) as address:
            out = Console(soft_wrap=True, highlight=False)
            out.print(f"Console  [bold]{address}/console[/]")
            out.print(f"API      [bold]{address}[/], described at {address}/openapi.json")
            out.print("Make a login with: casebase user create --email you@example.com", style="dim")
            await stop.wait()


@contextlib.asynccontextmanager
async def running(settings: Settings, stop: asyncio.Event) -> AsyncIterator[str]:
    """Run API, console, worker and scheduler in this process; yield their address once they answer.

    Leaving the block, or setting ``stop``, ends them in order: requests and jobs under way are finished first.
    """
    import uvicorn

    from casebase.app import build_http, open_runtime, stop_what_waits
    from casebase.kernel.jobs import Scheduler, Worker
    from casebase.kernel.log import configure_logging

    configure_logging(settings)
    listener = _listen(settings)
    address = listener.getsockname()[:2]
    async with open_runtime(settings) as runtime:
        app = build_http(runtime)
        server = uvicorn.Server(
            uvicorn.Config(
                app,
                access_log=False,
                log_config=None,
                server_header=False,
                proxy_headers=False,  # as serve
                timeout_graceful_shutdown=5,
            )
        )
        # The signals are this process's, not the HTTP server's alone: worker and scheduler stop with it.
        server.capture_signals = contextlib.nullcontext  # type: ignore[assignment,method-assign]

        async def http(stop: asyncio.Event) -> None:
            async def follow() -> None:
                await stop.wait()
                stop_what_waits(app)
                server.should_exit = True

            follower = asyncio.create_task(follow())
            try:
                await server.serve(sockets=[listener])
            finally:
                follower.cancel()

        services = asyncio.create_task(run_until(stop, http, Worker(runtime).run, Scheduler(runtime).run))
        try:
            while not server.started and not services.done():  # noqa: ASYNC110  # uvicorn offers no event for it
                await asyncio.sleep(0.02)
            if services.done():
                await services  # raises what kept them from starting
            host, port = address
            yield f"http://{'127.0.0.1' if host in ('0.0.0.0', '::') else host}:{port}"  # noqa: S104
        finally:
            stop.set()
            await services


async def _work(settings: Settings, queues: list[str] | None, with_scheduler: bool) -> None:
    from casebase.app import open_runtime
    from casebase.kernel.jobs import Scheduler, Worker
    from casebase.kernel.log import configure_logging

    configure_logging(settings)
    stop = asyncio.Event()
    async with open_runtime(settings) as runtime:
        services = [Worker(runtime, queues).run]
        if with_scheduler:
            services.append(Scheduler(runtime).run)
        with signals_set(stop):
            await run_until(stop, *services)


def _settings(host: str | None, port: int | None) -> Settings:
    given = {"host": host, "port": port}
    return load_settings(**{name: value for name, value in given.items() if value is not None})


def _listen(settings: Settings) -> socket.socket:
    try:
        return socket.create_server((settings.host, settings.port), backlog=2048)
    except OSError as error:
        raise ConfigurationError(
            f"Cannot listen on {settings.host}:{settings.port}: {error.strerror}.",
            hint="Choose another port with --port, or 0 for a free one.",
        ) from error


async def unless_stopped(stop: asyncio.Event, work: Coroutine[Any, Any, T]) -> T:
    """Return what ``work`` returns; once ``stop`` is set cancel it and end the command as interrupted (130)."""
    task, stopped = asyncio.create_task(work), asyncio.create_task(stop.wait())
    try:
        await asyncio.wait({task, stopped}, return_when=asyncio.FIRST_COMPLETED)
        if not task.done():
            task.cancel()
            await asyncio.wait({task})
            raise typer.Exit(130)
        return task.result()
    finally:
        stopped.cancel()


@contextlib.contextmanager
def signals_set(stop: asyncio.Event) -> Iterator[None]:
    """Set ``stop`` on the first SIGINT or SIGTERM; a second one ends the process at once, as usual."""
    loop = asyncio.get_running_loop()

    def ask() -> None:
        stop.set()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.remove_signal_handler(number)

    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, ask)
    try:
        yield
    finally:
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.remove_signal_handler(number)
