"""The composition root: settings, installed modules and kernel, wired together.

async with Casebase.connect() as cb:
    case = await cb.mortgage.create_case(...)
"""

from __future__ import annotations

import asyncio
import signal
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from types import FrameType
from typing import TYPE_CHECKING, Any

from casebase.kernel.config import Settings, load_settings
from casebase.kernel.db import SERVICE, Database, Principal
from casebase.kernel.errors import CasebaseError
from casebase.kernel.module import Module, installed_modules, resolve
from casebase.kernel.monitoring.history import keeping_history
from casebase.kernel.platform.connection_urls import api_url, owner_url
from casebase.kernel.platform.embedded import EmbeddedServer
from casebase.kernel.runtime import Runtime, load_keys

if TYPE_CHECKING:
    from fastapi import FastAPI
    from starlette.types import Receive, Scope, Send

    from casebase.modules.enforcement.service import Client as EnforcementClient
    from casebase.modules.frontdesk.service import Client as FrontdeskClient
    from casebase.modules.mortgage.service import Client as MortgageClient
    from casebase.modules.notifications.service import Client as NotificationsClient
    from casebase.modules.practice.service import Client as PracticeClient


@asynccontextmanager
async def open_runtime(settings: Settings | None = None) -> AsyncIterator[Runtime]:
    """Yield a runtime for ``settings`` (read from the environment when absent) and close it afterwards.

    Without ``CASEBASE_DATABASE_URL`` the embedded server is started. The schema is not touched: see ``migrate``.
    """
    settings = settings or load_settings()
    keys = load_keys(settings)
    url = await asyncio.to_thread(api_url, settings)
    database = await Database.connect(
        url,
        pool_size=settings.pool_size,
        pool_wait_s=settings.pool_wait_s,
        pool_idle_s=settings.pool_idle_s,
        pool_lifetime_s=settings.pool_lifetime_s,
        pool_mode=settings.pool_mode,
        clock_offset=settings.clock_offset,
    )
    async with database:
        runtime = Runtime(
            settings=settings,
            modules=installed_modules(settings.modules),
            database=database,
            direct_url=settings.direct_database_url or url,
            jwt_secret=keys.jwt,
            session_secret=keys.session,
        )
        async with keeping_history(database):
            try:
                yield runtime
            finally:
                await runtime.cache.close()


async def prepare_database(settings: Settings) -> None:
    """Bring the schema of the installed modules up and give the embedded server's API role its password."""
    from casebase.kernel.migrate import migrate_up

    url = await asyncio.to_thread(owner_url, settings)
    await migrate_up(url, installed_modules(settings.modules))
    if settings.database_url is None:
        await EmbeddedServer(settings.home).set_login_password()


def build_http(runtime: Runtime) -> FastAPI:
    """Compose the API, the console and the modules' sites of a runtime into one application."""
    from casebase.console.mounting import mount
    from casebase.console.sites import mount_sites
    from casebase.kernel.http import create_app

    app = create_app(runtime)
    mount(app, runtime)
    mount_sites(app, runtime)
    return app


@asynccontextmanager
async def open_http(settings: Settings | None = None) -> AsyncIterator[FastAPI]:
    """Yield the composed application, its own start-up done, and shut both down afterwards."""
    async with open_runtime(settings) as runtime:
        app = build_http(runtime)
        async with app.router.lifespan_context(app):
            yield app


class Application:
    """The ASGI application that servers load by name (``casebase.app:Application``, as a factory).

    Its runtime is opened by the server's lifespan, so that each of several worker processes has its own pool.
    """

    def __init__(self) -> None:
        from casebase.kernel.log import configure_logging

        # A worker process is a new interpreter: what its parent configured is not here.
        configure_logging(load_settings())
        self._app: FastAPI | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection, or live through the server's start and stop."""
        if scope["type"] == "lifespan":
            await self._live(receive, send)
        elif self._app is not None:
            await self._app(scope, receive, send)

    async def _live(self, receive: Receive, send: Send) -> None:
        await receive()
        try:
            async with open_http() as self._app:
                with _stopping_what_waits(self._app):
                    await send({"type": "lifespan.startup.complete"})
                    await receive()
        except CasebaseError as error:
            await send({"type": "lifespan.startup.failed", "message": error.message})
            return
        await send({"type": "lifespan.shutdown.complete"})


def stop_what_waits(app: FastAPI) -> None:
    """End what a stopping server would wait for: live updates, which never end, and modules' long answers."""
    app.state.live.close()
    for service in app.state.services.values():
        service.stop()


@contextmanager
def _stopping_what_waits(app: FastAPI) -> Iterator[None]:
    """Call ``stop_what_waits`` on the server's own stop signals."""
    loop = asyncio.get_running_loop()
    theirs = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}

    def close(number: int, frame: FrameType | None) -> None:
        loop.call_soon_threadsafe(stop_what_waits, app)
        handler = theirs[signal.Signals(number)]
        if callable(handler):
            handler(number, frame)

    for number in theirs:
        signal.signal(number, close)
    try:
        yield
    finally:
        for number, handler in theirs.items():
            signal.signal(number, handler)


class Casebase:
    """A connection to Casebase from Python: one typed client per installed module, as an attribute of its name."""

    if TYPE_CHECKING:
        enforcement: EnforcementClient
        frontdesk: FrontdeskClient
        mortgage: MortgageClient
        notifications: NotificationsClient
        practice: PracticeClient

    def __init__(self, runtime: Runtime, principal: Principal = SERVICE) -> None:
        self.runtime = runtime
        self.principal = principal
        self._modules: dict[str, Module] = {module.name: module for module in runtime.modules}

    @classmethod
    @asynccontextmanager
    async def connect(
        cls, url: str | None = None, *, principal: Principal = SERVICE, settings: Settings | None = None
    ) -> AsyncIterator[Casebase]:
        """Connect as ``principal`` to the database at ``url``, or to the one the settings name.

        ``url`` may be any PostgreSQL 15+ or Supabase URL; without one the embedded server is started and migrated.
        Raises ``ConfigurationError`` for wrong settings; calls raise ``DatabaseUnavailableError`` while it is away.
        """
        settings = settings or load_settings(**({"database_url": url} if url else {}))
        if settings.database_url is None and settings.api_database_url is None:
            await prepare_database(settings)
        async with open_runtime(settings) as runtime:
            yield cls(runtime, principal)

    def as_principal(self, principal: Principal) -> Casebase:
        """Return the same connection, calling as someone else."""
        return Casebase(self.runtime, principal)

    async def call(self, function: str, /, **arguments: Any) -> Any:
        """Call any RPC by its name and return its parsed JSON."""
        return await self.runtime.session(self.principal).call(function, arguments)

    def __getattr__(self, name: str) -> Any:
        module = self._modules.get(name) if not name.startswith("_") else None
        if module is None or module.client is None:
            raise AttributeError(f"No installed module {name!r} has a Python client.")
        client = resolve(module.client)(self.runtime.session(self.principal))
        setattr(self, name, client)
        return client
