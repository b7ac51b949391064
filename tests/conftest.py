"""Rules and fixtures of all tests: the run's PostgreSQL, databases that are given on, no silent skip."""

from __future__ import annotations

import os
import re
import shutil
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Generator, Iterator, Sequence
from contextlib import AsyncExitStack, ExitStack
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple, TypeVar
from uuid import UUID

import asyncpg
import pytest
from hypothesis import HealthCheck, settings

from casebase.kernel.config import load_settings
from casebase.kernel.db import SERVICE, Database, Principal, Session
from casebase.kernel.module import Module
from casebase.kernel.platform.embedded import EmbeddedServer
from casebase.kernel.runtime import Runtime
from tests.support import postgres
from tests.support.receiver import Receiver, receiver
from tests.support.requires import program
from tests.support.tokens import JWT_SECRET

Report = TypeVar("Report", pytest.TestReport, pytest.CollectReport)
MakePerson = Callable[[UUID | None, str], Awaitable[Principal]]
At = Callable[..., Awaitable[Runtime]]
_RUN = pytest.StashKey[ExitStack]()
_IN_FRONT = re.compile(
    "acceptance|cli|commands|console|pages|web|browser|service|supabase_client|sample|.*http|stream|processes|"
    "generated_requests|from_in_memory"
)
"""Folders and files whose tests are about Python: what they call is tested in the others, on both servers."""

# How fast a busy machine is, no test asserts. Every run plays the same examples, so that what it refuses is the change and
# not the draw; `--hypothesis-profile=any` draws others.
_ANY = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("any", _ANY)
settings.register_profile("same", _ANY, derandomize=True)
settings.load_profile("same")


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "any_server: never asks for the run's server, so any run proves it")
    if not hasattr(config, "workerinput"):
        config.stash[_RUN] = ExitStack()
        config.stash[_RUN].enter_context(postgres.shared_run())


@pytest.hookimpl(tryfirst=True)  # before -m is looked at
def pytest_collection_modifyitems(items: Sequence[pytest.Item]) -> None:
    """Mark what `make test-debian` need not run again.

    That is what asks for no server of the run, pages and commands in front of the database, and of each parametrised
    test all cases but the first: a server of another version answers all of them alike, or none. For the same reason
    three tests of a file, which is about one thing, but all of plans: they are what versions differ in.
    """
    seen: set[str] = set()
    asked: Counter[str] = Counter()
    for item in items:
        behaviour = item.nodeid.partition("[")[0]
        file = behaviour.partition("::")[0]
        rooms = {part.removeprefix("test_").removesuffix(".py") for part in Path(file).parts}
        is_in_front = any(map(_IN_FRONT.fullmatch, rooms))
        if (
            is_in_front
            or behaviour in seen
            or "pg_server" not in getattr(item, "fixturenames", ())
            or (asked[file] >= 3 and not file.endswith("plans.py"))
        ):
            item.add_marker("any_server")
        else:
            asked[file] += 1
        seen.add(behaviour)


def pytest_unconfigure(config: pytest.Config) -> None:
    if run := config.stash.get(_RUN, None):
        run.close()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    return _refuse_skip((yield))


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(
    collector: pytest.Collector,
) -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    return _refuse_skip((yield))


def _refuse_skip(report: Report) -> Report:
    """Turn a skip into a failure where everything is said to be installed."""
    if report.skipped and not hasattr(report, "wasxfail") and os.environ.get("CASEBASE_REQUIRE_ALL") == "1":
        report.outcome = "failed"
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longreprtext
        report.longrepr = f"CASEBASE_REQUIRE_ALL=1 refuses: {reason}"
    return report


@pytest.fixture(scope="session")
def pg_server() -> Iterator[postgres.Server]:
    """The run's PostgreSQL, of the kind that CASEBASE_TEST_SERVER names."""
    yield from _started(postgres.chosen_kind())


@pytest.fixture(scope="session")
def debian_server() -> Iterator[postgres.Server]:
    """Debian's PostgreSQL 15, whatever CASEBASE_TEST_SERVER names; skips where it is not installed."""
    yield from _started("debian15")


def _started(kind: postgres.Kind) -> Iterator[postgres.Server]:
    if kind == "debian15":
        program("postgresql15")
    server = postgres.Server(kind, postgres.run_folder())
    server.start()
    yield server
    server.leave()


@pytest.fixture
def create_database(pg_server: postgres.Server) -> Iterator[Callable[[Sequence[Module] | None], str]]:
    """A function that creates a database, empty (None) or with modules, and returns its owner's URL."""
    yield from _databases(pg_server)


@pytest.fixture
def empty_database(create_database: Callable[[Sequence[Module] | None], str]) -> str:
    """The owner's URL of an empty database."""
    return create_database(None)


@pytest.fixture
def kernel_database(create_database: Callable[[Sequence[Module] | None], str]) -> str:
    """The owner's URL of a database with the kernel alone."""
    return create_database(())


@pytest.fixture
def database(create_database: Callable[[Sequence[Module] | None], str]) -> str:
    """The owner's URL of a database with the kernel and all modules of ours."""
    return create_database(postgres.our_modules())


@pytest.fixture
def api_url(pg_server: postgres.Server, database: str) -> str:
    """The URL of ``database`` for the API's login role."""
    return pg_server.api_url(database)


@pytest.fixture
def debian_database(debian_server: postgres.Server) -> Iterator[str]:
    """The owner's URL of a migrated database on PostgreSQL 15, where plpgsql_check can be created."""
    for create in _databases(debian_server):
        yield create(postgres.our_modules())


def _databases(server: postgres.Server) -> Iterator[Callable[[Sequence[Module] | None], str]]:
    created: list[str] = []

    def create(modules: Sequence[Module] | None) -> str:
        created.append(server.create_database(modules))
        return created[-1]

    yield create
    for url in created:
        server.drop_database(url)


@pytest.fixture
def casebase_home() -> Iterator[Path]:
    """A home for a test that runs an embedded server of its own; the server is stopped afterwards."""
    home = postgres.make_home()
    yield home
    EmbeddedServer(home).stop()
    shutil.rmtree(home)


@pytest.fixture
async def owner(database: str) -> AsyncIterator[asyncpg.Connection]:
    """The database's owner, to look behind the doors."""
    connection = await asyncpg.connect(database)
    yield connection
    await connection.close()


@pytest.fixture
async def api(api_url: str) -> AsyncIterator[Database]:
    """The API's pool."""
    async with await Database.connect(api_url) as opened:
        yield opened


@pytest.fixture
async def hook() -> AsyncIterator[Receiver]:
    """A receiver of what is sent over HTTP."""
    async with receiver() as running:
        yield running


@pytest.fixture
def service(api: Database) -> Session:
    """Calls as the service."""
    return api.session(SERVICE)


@pytest.fixture
def runtime(api: Database, api_url: str, modules: tuple[Module, ...]) -> Runtime:
    """The runtime of a process on the test's database, with the ``modules`` that the tests' conftest names."""
    return Runtime(
        settings=load_settings(public_rate_limit="10000/minute"),
        modules=modules,
        database=api,
        direct_url=api_url,
        jwt_secret=JWT_SECRET,
        session_secret="another secret of the tests",
    )


@pytest.fixture
async def at(runtime: Runtime, today: datetime) -> AsyncIterator[At]:
    """Make the runtime of a process whose clock stands at a moment, by default ``today``, with settings of its own."""
    async with AsyncExitStack() as opened:

        async def make(moment: datetime = today, **changes: object) -> Runtime:
            offset = moment - datetime.now(UTC)
            database = await Database.connect(runtime.direct_url, clock_offset=offset)
            await opened.enter_async_context(database)
            settings = load_settings(clock_offset=offset, **changes)
            return replace(runtime, settings=settings, database=database)

        yield make


class Tenants(NamedTuple):
    """The tenant that every installation has, and another."""

    default: UUID
    other: UUID


@pytest.fixture
async def tenants(owner: asyncpg.Connection) -> Tenants:
    return Tenants(
        await owner.fetchval("select casebase.default_tenant()"),
        await owner.fetchval(
            "insert into public.tenants (slug, name) values ('other', 'Other') returning id"
        ),
    )


@pytest.fixture
def make_person(owner: asyncpg.Connection) -> MakePerson:
    """A function that makes a person with a role in a tenant, or in none, and returns whom they call as."""

    async def make(tenant_id: UUID | None, role: str) -> Principal:
        user_id = await owner.fetchval(
            "insert into auth.users (email) values (gen_random_uuid() || '@staff.example') returning id"
        )
        if tenant_id is not None:
            await owner.execute(
                "insert into public.tenant_users (tenant_id, user_id, role) values ($1, $2, $3)",
                tenant_id,
                user_id,
                role,
            )
        return Principal("authenticated", sub=user_id)

    return make
