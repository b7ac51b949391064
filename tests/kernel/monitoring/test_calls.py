"""What is counted of calls, under which names, and which tables they are counted for."""

from __future__ import annotations

import asyncio

import asyncpg
import pytest

from casebase.kernel.db import SERVICE, Database
from casebase.kernel.db.calls import UNKNOWN, Calls, Tally
from casebase.kernel.errors import CasebaseError, PoolExhaustedError
from casebase.kernel.monitoring.history import History


async def call(db: Database, function: str, arguments: str = "{}", times: int = 1) -> None:
    for _ in range(times):
        try:
            await db.rpc(SERVICE, function, arguments)
        except CasebaseError:
            continue


def outcomes(tally: Tally) -> tuple[int, int, int]:
    return tally.ok, tally.refused, tally.failed


async def test_calls_are_counted_by_how_they_ended(db: Database) -> None:
    await History(db).learn_names()
    await call(db, "touch_nothing", times=3)
    await call(db, "refuse", times=2)
    await call(db, "fall_over")
    counts = db.calls.by_function()
    assert outcomes(counts["touch_nothing"]) == (3, 0, 0)
    assert outcomes(counts["refuse"]) == (0, 2, 0)
    assert outcomes(counts["fall_over"]) == (0, 0, 1)
    for tally in counts.values():
        assert sum(tally.buckets) == tally.calls
        assert tally.seconds > 0


async def test_names_that_no_function_has_share_one_label(db: Database) -> None:
    await History(db).learn_names()
    for number in range(50):
        await call(db, f"made_up_{number}")
    assert {name: outcomes(tally) for name, tally in db.calls.by_function().items()} == {UNKNOWN: (0, 50, 0)}


async def test_a_function_made_later_is_known_once_it_answers(
    db: Database, owner: asyncpg.Connection
) -> None:
    await History(db).learn_names()
    await owner.execute(
        "create function public.made_later() returns int language sql as 'select 1';"
        "grant execute on function public.made_later to service_role"
    )
    await call(db, "made_later", times=2)
    assert outcomes(db.calls.by_function()["made_later"]) == (2, 0, 0)


async def test_a_call_without_a_connection_failed(kernel_database: str) -> None:
    async with await Database.connect(kernel_database, pool_size=1, pool_wait_s=0.05) as db:
        async with db.pool.acquire():
            with pytest.raises(PoolExhaustedError):
                await db.rpc(SERVICE, "anything")
        assert outcomes(db.calls.by_function()[UNKNOWN]) == (0, 0, 1)
        assert (db.pool.use.waited, db.pool.use.exhausted, db.pool.use.lent) == (1, 1, 0)


async def test_the_tables_of_a_call_are_learnt_and_no_others(db: Database) -> None:
    for number in range(3):
        # Side by side on one connection, whose counters still hold what the call before did.
        await call(db, "write_note", f'{{"id": {number}}}')
        await call(db, "touch_nothing")
    tables = db.calls.by_table()
    assert set(tables) == {"public.notes"}
    # The first call proves the function, the second is asked.
    assert outcomes(tables["public.notes"]) == (3, 0, 0)


async def test_reading_through_an_index_touches_the_table(db: Database, owner: asyncpg.Connection) -> None:
    await owner.execute(
        "insert into public.notes select n, 'x' from generate_series(1, 5000) n; analyze public.notes"
    )
    await call(db, "find_note", '{"id": 9999}', times=2)
    assert set(db.calls.by_table()) == {"public.notes"}


async def test_a_partition_is_its_table(db: Database) -> None:
    for number in range(2):
        await call(db, "write_reading", f'{{"id": {number}}}')
    assert set(db.calls.by_table()) == {"public.readings"}


async def test_the_kept_reply_of_a_keyed_call_is_touched_too(db: Database) -> None:
    for number in range(3):
        await db.rpc(SERVICE, "write_note", f'{{"id": {number}}}', idempotency_key=f"key-{number}")
    assert set(db.calls.by_table()) == {"public.notes", "casebase.idempotency_keys"}


async def test_a_traced_call_answers_as_any_other(db: Database) -> None:
    replies = [(await db.rpc(SERVICE, "touch_nothing")).body for _ in range(10)]
    assert replies == ["1"] * 10
    first, *again = [
        await db.rpc(SERVICE, "write_note", '{"id": 7}', idempotency_key="one key") for _ in range(6)
    ]
    assert not first.is_replay
    assert all(reply.is_replay and reply.body == first.body for reply in again)


async def test_what_follows_a_traced_call_runs_as_nobody_in_particular(db: Database) -> None:
    await call(db, "touch_nothing", times=3)
    who = await db.pool.fetchrow(
        "select current_user, session_user, current_setting('request.jwt.claims', true)"
    )
    assert who is not None
    assert who[0] == who[1]
    assert not who[2]


async def test_fifty_callers_are_counted_each(db: Database) -> None:
    await asyncio.gather(*(call(db, "touch_nothing", times=4) for _ in range(50)))
    assert outcomes(db.calls.by_function()["touch_nothing"]) == (200, 0, 0)


def test_few_calls_are_traced() -> None:
    calls = Calls()
    traced = 0
    for _ in range(100_000):
        traced += calls.begin_trace("f")
        calls.note("f", 0.001, "ok")
    assert 10 < traced < 200


def test_a_name_that_may_be_nobodys_is_never_traced() -> None:
    calls = Calls()
    for _ in range(100):
        assert not calls.begin_trace("no_such")
        calls.note("no_such", 0.001, "refused")


def test_a_tables_counts_begin_when_it_is_known_and_only_grow() -> None:
    calls = Calls()
    calls.note("f", 0.3, "ok")
    calls.note("f", 0.3, "failed")
    assert calls.by_table() == {}
    calls.note_tables("f", ["public.a"])
    assert outcomes(calls.by_table()["public.a"]) == (1, 0, 1)
    calls.note("f", 0.3, "ok")
    calls.note_tables("f", ["public.b"])
    assert outcomes(calls.by_table()["public.a"]) == (2, 0, 1)
    assert outcomes(calls.by_table()["public.b"]) == (1, 0, 0)


def test_a_table_that_is_found_late_is_not_counted_for_what_was_before() -> None:
    calls = Calls()
    for _ in range(100):
        if calls.begin_trace("f"):
            calls.note_tables("f", [])
        calls.note("f", 0.001, "ok")
        calls.by_table()
    calls.note_tables("f", ["public.a"])
    calls.note("f", 0.001, "ok")
    assert outcomes(calls.by_table()["public.a"]) == (1, 0, 0)


@pytest.mark.parametrize(("seconds", "bucket"), [(0.001, 0), (0.0011, 1), (1.0, 9), (10.0, 12), (11.0, 13)])
def test_a_bound_belongs_to_its_bucket(seconds: float, bucket: int) -> None:
    calls = Calls()
    calls.note("f", seconds, "ok")
    assert calls.by_function()["f"].buckets.index(1) == bucket
