"""Behind PgBouncer in transaction mode everything works: 200 callers on 10 server connections, none sees another's."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import timedelta
from uuid import uuid4

import asyncpg
import pytest

from casebase.kernel.config import Settings
from casebase.kernel.db import ANON, SERVICE, Database, Principal
from casebase.kernel.errors import DatabaseUnavailableError, RpcError
from casebase.kernel.jobs import Worker
from casebase.kernel.runtime import Runtime
from tests.kernel.jobs.conftest import install_toy
from tests.kernel.jobs.handlers import TOY, WORK
from tests.support import postgres
from tests.support.pgbouncer import SERVER_CONNECTIONS, PgBouncer, pgbouncer
from tests.support.waiting import eventually

# One worker runs them all: together they hold many connections.
pytestmark = pytest.mark.xdist_group("pgbouncer")

CALLERS = 200


@pytest.fixture
async def pooler(
    owner: asyncpg.Connection, kernel_database: str, pg_server: postgres.Server
) -> AsyncIterator[PgBouncer]:
    async with pgbouncer(pg_server.api_url(kernel_database)) as started:
        yield started


@pytest.fixture
async def db(pooler: PgBouncer) -> AsyncIterator[Database]:
    """A pool of as many connections as there are callers, all of them to the pooler and open."""
    async with await Database.connect(pooler.url, pool_size=CALLERS, pool_mode="transaction") as database:
        async with AsyncExitStack() as lent:
            # One after the other: two hundred handshakes at once may outlast the time that a connection is given.
            for _ in range(CALLERS):
                await lent.enter_async_context(database.pool.acquire())
        yield database


async def test_two_hundred_callers_share_ten_connections(db: Database, owner: asyncpg.Connection) -> None:
    async def call(n: int) -> object:
        return [await db.session(ANON).call("add_numbers", {"a": n, "b": turn}) for turn in range(5)]

    sums = await asyncio.gather(*(call(n) for n in range(CALLERS)))
    assert sums == [[n + turn for turn in range(5)] for n in range(CALLERS)]
    backends = await owner.fetchval(
        "select count(*) from pg_stat_activity where datname = current_database() and usename = 'casebase_api'"
    )
    assert 1 <= backends <= SERVER_CONNECTIONS


async def test_nobody_calls_as_another(db: Database) -> None:
    """Claims and role end with their transaction, so the next caller of a connection begins with none."""

    async def ask(n: int) -> None:
        if n % 3 == 0:
            told = await db.session(ANON).call("add_numbers", {"a": n})
            assert told == n + 2
            with pytest.raises(RpcError) as caught:
                await db.session(ANON).call("whoami")
            assert caught.value.status in (401, 403)
        else:
            person = Principal("authenticated", sub=uuid4(), email=f"{n}@example.com")
            told = await db.session(person).call("whoami")
            assert told == {"role": "authenticated", "uid": str(person.sub), "email": person.email}
        # What the door leaves behind in the connection that this statement gets.
        left = await db.pool.fetchrow(
            "select session_user, current_user, current_setting('request.jwt.claims', true), auth.uid()"
        )
        assert tuple(left) in {
            ("casebase_api", "casebase_api", "", None),
            ("casebase_api", "casebase_api", None, None),
        }

    await asyncio.gather(*(ask(n) for n in range(CALLERS)))


async def test_a_refusal_inside_a_call_leaves_nothing(db: Database, owner: asyncpg.Connection) -> None:
    person = Principal("authenticated", sub=uuid4())

    async def fail(n: int) -> str:
        with pytest.raises(RpcError) as caught:
            await db.session(person).call("write_then_fail", {"id": n})
        return caught.value.code

    assert set(await asyncio.gather(*(fail(n) for n in range(50)))) == {"changed_my_mind"}
    assert await owner.fetchval("select count(*) from public.notes") == 0
    assert await db.session(ANON).call("add_numbers", {"a": 1}) == 3


async def test_one_key_writes_once(db: Database, owner: asyncpg.Connection) -> None:
    person = Principal("authenticated", sub=uuid4())
    replies = await asyncio.gather(
        *(db.rpc(person, "write_note", '{"id": 1, "body": "x"}', idempotency_key="k") for _ in range(50))
    )
    assert [reply.body for reply in replies] == ["1"] * 50
    assert sum(not reply.is_replay for reply in replies) == 1
    assert await owner.fetchval("select count(*) from public.notes") == 1


async def test_statements_of_a_transaction_share_its_connection(db: Database) -> None:
    async def work() -> None:
        async with db.pool.acquire() as connection, connection.transaction():
            pids = {await connection.fetchval("select pg_backend_pid()") for _ in range(5)}
            assert len(pids) == 1

    await asyncio.gather(*(work() for _ in range(40)))


async def test_jobs_are_worked_and_notified_around_it(
    pooler: PgBouncer, owner: asyncpg.Connection, db: Database
) -> None:
    await install_toy(owner)
    settings = Settings(pool_mode="transaction", direct_database_url=pooler.direct_url)
    runtime = Runtime(settings, (TOY,), db, pooler.direct_url)
    stop = asyncio.Event()
    worker = asyncio.create_task(Worker(runtime, [WORK], poll_s=3600).run(stop))

    async def effects(count: int) -> bool:
        return await owner.fetchval("select count(*) from toy.effects") == count

    async def listens() -> bool:
        return bool(
            await owner.fetchval(
                "select count(*) from pg_stat_activity where datname = current_database() and query like 'LISTEN%'"
            )
        )

    try:
        await eventually(listens)
        # Polled once an hour: what is queued now is found because it is told.
        await owner.execute(
            'select casebase.enqueue($1, \'{"do": "record"}\') from generate_series(1, 50)', WORK
        )
        await eventually(lambda: effects(50))
    finally:
        stop.set()
        await worker
    assert await owner.fetchval(f"select count(*) from pgmq.q_{WORK}") == 0


async def test_its_restart_heals(pooler: PgBouncer, db: Database) -> None:
    async def call() -> bool:
        try:
            return await db.session(SERVICE).call("only_service") == 1
        except DatabaseUnavailableError:  # and nothing else, so that a client knows to try again
            return False

    assert await asyncio.gather(*(call() for _ in range(50))) == [True] * 50
    pooler.kill()
    assert not await call()
    await pooler.start()
    await eventually(call)
    assert all(await asyncio.gather(*(call() for _ in range(20))))


async def test_prepared_statements_would_be_another_clients(pooler: PgBouncer) -> None:
    """Why the mode is a setting: in session mode's way a statement is looked for where it never was."""
    async with await Database.connect(pooler.url, pool_size=40) as wrong:
        results = await asyncio.gather(
            *(wrong.rpc(ANON, "add_numbers", '{"a": 1}') for _ in range(200)), return_exceptions=True
        )
    assert any(isinstance(result, Exception) for result in results)


async def test_a_moved_clock_is_refused(pooler: PgBouncer) -> None:
    async with await Database.connect(
        pooler.url, pool_mode="transaction", clock_offset=timedelta(days=1)
    ) as moved:
        with pytest.raises(DatabaseUnavailableError):
            await moved.rpc(ANON, "add_numbers", '{"a": 1}')
