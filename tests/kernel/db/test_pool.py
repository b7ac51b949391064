"""The pool lends what works, never more than it may, and survives its borrowers."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import asyncpg
import pytest

from casebase.kernel.db import SERVICE, Database
from casebase.kernel.db import pool as pool_module
from casebase.kernel.db.pool import Pool
from casebase.kernel.errors import DatabaseUnavailableError, PoolExhaustedError
from tests.support.waiting import PATIENCE_S

SIZE = 3


@pytest.fixture
async def pool(kernel_database: str) -> AsyncIterator[Pool]:
    async with await Database.connect(
        kernel_database, pool_size=SIZE, application_name="pool-test"
    ) as database:
        yield database.pool


async def backends(pool: Pool) -> set[int]:
    """The server processes that the pool's connections reach, all of them lent at once."""

    async def backend() -> int:
        async with pool.acquire() as connection:
            pid: int = await connection.fetchval("select pg_backend_pid() from pg_sleep(0.05)")
            return pid

    return set(await asyncio.gather(*(backend() for _ in range(SIZE))))


async def test_fifty_borrowers_share_its_connections(pool: Pool) -> None:
    pids = await asyncio.gather(*(pool.fetchval("select pg_backend_pid()") for _ in range(50)))
    assert 1 <= len(set(pids)) <= SIZE
    open_now = await pool.fetchval(
        "select count(*) from pg_stat_activity "
        "where application_name = 'pool-test' and datname = current_database()"
    )
    assert open_now <= SIZE


async def test_one_borrower_after_the_other_needs_one_connection(pool: Pool) -> None:
    assert len({await pool.fetchval("select pg_backend_pid()") for _ in range(5)}) == 1


async def test_a_cancelled_borrower_leaves_a_connection_that_works(pool: Pool, kernel_database: str) -> None:
    running = [asyncio.create_task(pool.fetchval("select pg_sleep(60)")) for _ in range(SIZE)]

    async def sleeping() -> int:
        async with asyncio.timeout(PATIENCE_S):
            while True:
                rows = await watcher.fetchval(
                    "select count(*) from pg_stat_activity "
                    "where wait_event = 'PgSleep' and datname = current_database()"
                )
                if rows == SIZE:
                    return int(rows)

    watcher = await asyncpg.connect(kernel_database)  # a connection of its own: the pool's are all lent
    try:
        assert await sleeping() == SIZE
    finally:
        await watcher.close()
    for task in running:
        task.cancel()
    await asyncio.gather(*running, return_exceptions=True)
    assert await asyncio.gather(*(pool.fetchval("select 1") for _ in range(10))) == [1] * 10


async def test_an_error_inside_a_loan_rolls_its_transaction_back(pool: Pool) -> None:
    async def fail() -> None:
        async with pool.acquire() as connection, connection.transaction():
            await connection.execute("create table public.half_done ()")
            raise LookupError

    with pytest.raises(LookupError):
        await fail()
    assert await pool.fetchval("select to_regclass('public.half_done')") is None


async def test_a_killed_connection_is_replaced(pool: Pool, kernel_database: str) -> None:
    for pid in await backends(pool):
        killer = await asyncpg.connect(kernel_database)
        await killer.execute("select pg_terminate_backend($1, 5000)", pid)
        await killer.close()

    async def answers() -> bool:
        try:
            return bool(await pool.fetchval("select true"))
        except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError):
            return False

    async with asyncio.timeout(PATIENCE_S):
        while not await answers():
            pass
    assert len(await backends(pool)) == SIZE


async def test_a_connection_silent_for_long_is_not_lent(pool: Pool, monkeypatch: pytest.MonkeyPatch) -> None:
    first = await pool.fetchval("select pg_backend_pid()")
    now = pool_module.monotonic()
    monkeypatch.setattr(pool_module, "monotonic", lambda: now + 301)
    assert await pool.fetchval("select pg_backend_pid()") != first


async def test_a_connection_grown_old_is_not_lent(
    kernel_database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with await Database.connect(kernel_database, pool_lifetime_s=60, pool_idle_s=3600) as database:
        first = await database.pool.fetchval("select pg_backend_pid()")
        now = pool_module.monotonic()
        # Used all the time, so never idle for long.
        for age in (20, 40):
            monkeypatch.setattr(pool_module, "monotonic", lambda age=age: now + age)
            assert await database.pool.fetchval("select pg_backend_pid()") == first
        monkeypatch.setattr(pool_module, "monotonic", lambda: now + 61)
        assert await database.pool.fetchval("select pg_backend_pid()") != first


async def test_who_waits_in_vain_is_told_so(kernel_database: str) -> None:
    async with await Database.connect(kernel_database, pool_size=1, pool_wait_s=0.05) as database:
        async with database.pool.acquire():
            with pytest.raises(PoolExhaustedError) as caught:
                await database.rpc(SERVICE, "anything")
            assert isinstance(caught.value, DatabaseUnavailableError)  # so that a worker tries again
            assert (caught.value.code, caught.value.status, caught.value.retry_after) == (
                "pool_exhausted",
                503,
                1,
            )
        # Whoever gave up holds nothing.
        assert await asyncio.gather(*(database.pool.fetchval("select 1") for _ in range(5))) == [1] * 5


async def test_who_waits_is_served_in_turn(kernel_database: str) -> None:
    async with await Database.connect(kernel_database, pool_size=1, pool_wait_s=30) as database:
        served: list[int] = []

        async def call(n: int) -> None:
            await database.pool.fetchval("select 1")
            served.append(n)

        async with database.pool.acquire():
            waiting = [asyncio.create_task(call(n)) for n in range(20)]
            await asyncio.sleep(0)  # let them queue up
        await asyncio.gather(*waiting)
        assert served == list(range(20))


async def test_once_closed_it_lends_nothing(pool: Pool) -> None:
    assert await pool.fetchval("select 1") == 1
    await pool.close()
    with pytest.raises(asyncpg.InterfaceError, match="closed"):
        await pool.fetchval("select 1")


async def test_closing_waits_for_the_calls_under_way(pool: Pool) -> None:
    async with pool.acquire() as connection:
        closing = asyncio.create_task(pool.close())
        assert await connection.fetchval("select 1 from pg_sleep(0.05)") == 1
        assert not closing.done()
    await closing
