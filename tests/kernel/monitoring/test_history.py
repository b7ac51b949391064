"""What the processes write down together, what is measured of the tables, and how long it is kept."""

from __future__ import annotations

import asyncio
import bisect
import json
import random
from typing import Any

import asyncpg
import pytest

from casebase.app import open_runtime
from casebase.kernel.config import load_settings
from casebase.kernel.db import SERVICE, Database
from casebase.kernel.db.calls import BOUNDS_S
from casebase.kernel.errors import PoolExhaustedError
from casebase.kernel.jobs import Queues, Worker
from casebase.kernel.monitoring.history import History
from casebase.kernel.runtime import Runtime
from tests.conftest import MakePerson
from tests.support import postgres
from tests.support.waiting import locks_awaited


async def stats(owner: asyncpg.Connection, grain: str = "minute") -> dict[tuple[str, str], asyncpg.Record]:
    rows = await owner.fetch(
        "select kind, name, sum(ok) as ok, sum(refused) as refused, sum(failed) as failed"
        " from casebase.call_stats where grain = $1 group by 1, 2",
        grain,
    )
    return {(row["kind"], row["name"]): row for row in rows}


async def test_processes_add_up(
    db: Database, owner: asyncpg.Connection, kernel_database: str, pg_server: postgres.Server
) -> None:
    async with await Database.connect(pg_server.api_url(kernel_database)) as other:
        for first, database in enumerate((db, other)):
            for number in range(3):
                await database.rpc(SERVICE, "write_note", json.dumps({"id": 3 * first + number}))
        await asyncio.gather(History(db).flush(), History(other).flush())
    for grain in ("minute", "hour", "day"):
        found = await stats(owner, grain)
        assert set(found) == {("function", "write_note"), ("table", "public.notes")}
        assert found["function", "write_note"]["ok"] == 6
    assert (
        await owner.fetchval(
            "select sum(b) from casebase.call_stats, unnest(buckets) b where grain = 'hour' and kind = 'function'"
        )
        == 6
    )
    assert await owner.fetchval("select count(*) from casebase.pool_stats where grain = 'day'") == 1


async def test_only_what_is_new_is_added(db: Database, owner: asyncpg.Connection) -> None:
    history = History(db)
    for calls in (2, 3, 0):
        for _ in range(calls):
            await db.rpc(SERVICE, "touch_nothing")
        await history.flush()
    assert (await stats(owner, "day"))["function", "touch_nothing"]["ok"] == 5


async def test_what_could_not_be_written_is_kept(db: Database, owner: asyncpg.Connection) -> None:
    history = History(db)
    await db.rpc(SERVICE, "touch_nothing")
    await owner.execute("alter function casebase.add_call_stats rename to add_call_stats_away")
    await history.flush()
    await db.rpc(SERVICE, "touch_nothing")
    await owner.execute("alter function casebase.add_call_stats_away rename to add_call_stats")
    await history.flush()
    assert (await stats(owner))["function", "touch_nothing"]["ok"] == 2


async def test_a_runtime_writes_what_is_left_at_its_end(
    db: Database, owner: asyncpg.Connection, kernel_database: str, pg_server: postgres.Server
) -> None:
    settings = load_settings(
        database_url=pg_server.api_url(kernel_database),
        session_secret="x" * 40,
        jwt_secret="y" * 40,
        modules=(),
    )
    async with open_runtime(settings) as runtime:
        await runtime.database.rpc(SERVICE, "touch_nothing")
        assert await stats(owner) == {}
    assert (await stats(owner))["function", "touch_nothing"]["ok"] == 1


async def test_without_a_call_nothing_is_written(db: Database, owner: asyncpg.Connection) -> None:
    await db.pool.fetchval("select 1")
    await History(db).flush()
    assert await owner.fetchval("select count(*) from casebase.pool_stats") == 0


async def test_a_pools_exhaustion_is_written(
    owner: asyncpg.Connection, kernel_database: str, pg_server: postgres.Server
) -> None:
    api = pg_server.api_url(kernel_database)
    async with await Database.connect(api, pool_size=1, pool_wait_s=0.01) as db:
        async with db.pool.acquire():
            await asyncio.gather(*(db.pool.fetchval("select 1") for _ in range(4)), return_exceptions=True)
        history = History(db)
        await history.flush()
        await history.flush()
    row = await owner.fetchrow("select * from casebase.pool_stats where grain = 'minute'")
    assert (row["size"], row["most_lent"], row["waited"], row["exhausted"]) == (1, 1, 4, 4)


async def test_that_a_pool_is_exhausted_is_written_while_it_is(
    owner: asyncpg.Connection, kernel_database: str, pg_server: postgres.Server
) -> None:
    api = pg_server.api_url(kernel_database)
    async with await Database.connect(api, pool_size=1, pool_wait_s=0.01) as db:
        history = History(db)
        async with db.pool.acquire():
            with pytest.raises(PoolExhaustedError):
                await db.rpc(SERVICE, "touch_nothing")
            await history.flush()
            assert await owner.fetchval("select casebase.evaluate_alerts()") == 1
        row = await owner.fetchrow("select * from casebase.pool_stats where grain = 'minute'")
        assert (row["size"], row["most_lent"], row["exhausted"]) == (1, 1, 1)
        assert db.pool.use.waited == 1
        assert db.pool.idle == 1


async def test_only_the_api_may_write_and_nobody_may_read(owner: asyncpg.Connection) -> None:
    readable = await owner.fetch(
        "select role, c.relname from unnest(array['anon', 'authenticated', 'service_role', 'casebase_api']) role,"
        " pg_class c where c.relname = any ($1) and has_table_privilege(role, c.oid, 'select')",
        ["call_stats", "pool_stats", "table_samples", "alert_rules", "alerts"],
    )
    assert readable == []
    callers = await owner.fetch(
        "select role from unnest(array['anon', 'authenticated', 'service_role', 'casebase_api']) role"
        " where has_function_privilege(role, 'casebase.add_call_stats(jsonb, jsonb)', 'execute')"
    )
    assert [row[0] for row in callers] == ["casebase_api"]


class TestQuantiles:
    async def test_both_sides_have_the_same_bounds(self, owner: asyncpg.Connection) -> None:
        assert tuple(await owner.fetchval("select casebase.latency_bounds()")) == BOUNDS_S

    @pytest.mark.parametrize(
        ("buckets", "quantile", "expected"),
        [
            ({}, 0.5, None),
            ({9: 100}, 0.5, 0.75),  # half way from 0.5 to 1
            ({0: 4}, 1.0, 0.001),
            ({3: 10, 9: 10}, 0.5, 0.01),
            ({13: 1}, 0.95, 10.0),
            ({0: 95, 10: 5}, 0.95, 0.001),
            ({0: 94, 10: 6}, 0.95, 1.25),  # one of six in the bucket from 1 to 2.5
        ],
    )
    async def test_a_quantile_lies_in_its_bucket_as_prometheus_has_it(
        self, owner: asyncpg.Connection, buckets: dict[int, int], quantile: float, expected: float | None
    ) -> None:
        row = [buckets.get(index, 0) for index in range(len(BOUNDS_S) + 1)]
        found = await owner.fetchval("select casebase.bucket_quantile($1, $2)", row, quantile)
        assert found == (expected if expected is None else pytest.approx(expected))

    async def test_it_is_never_further_off_than_its_bucket(self, owner: asyncpg.Connection) -> None:
        drawn = random.Random(7)
        durations = sorted(drawn.lognormvariate(-4, 1.5) for _ in range(2000))
        row = [0] * (len(BOUNDS_S) + 1)
        for seconds in durations:
            row[bisect.bisect_left(BOUNDS_S, seconds)] += 1
        for quantile in (0.5, 0.95, 0.99):
            exact = durations[int(quantile * len(durations)) - 1]
            found = await owner.fetchval("select casebase.bucket_quantile($1, $2)", row, quantile)
            assert bisect.bisect_left(BOUNDS_S, found) == bisect.bisect_left(BOUNDS_S, exact)


class TestSamples:
    async def test_tables_are_sampled_once_in_five_minutes(
        self, db: Database, owner: asyncpg.Connection
    ) -> None:
        await owner.execute(
            "insert into public.notes select n, repeat('x', 1000) from generate_series(1, 1000) n"
        )
        await owner.fetchval("select pg_stat_force_next_flush()")
        sample = "select casebase.sample_tables()"
        async with owner.transaction():  # in which time stands still
            assert await owner.fetchval(sample) > 0
            assert await owner.fetchval(sample) == 0
            await owner.execute("set casebase.clock_offset = '5 minutes'")
            assert await owner.fetchval(sample) > 0
        row = await owner.fetchrow(
            "select * from casebase.table_samples where table_name = 'public.notes' and grain = 'day'"
        )
        assert row["bytes"] > row["index_bytes"] > 0
        assert row["bytes"] > 1_000_000
        assert row["estimated_rows"] == 1000

    async def test_a_partitioned_table_is_the_sum_of_its_partitions(
        self, db: Database, owner: asyncpg.Connection
    ) -> None:
        await owner.execute(
            """create table public.readings_2026_12 partition of public.readings
                   for values from ('2026-12-01') to ('2027-01-01') partition by range (day);
               create table public.readings_2026_12_a partition of public.readings_2026_12
                   for values from ('2026-12-01') to ('2026-12-16');
               insert into public.readings select n, '2026-11-05' from generate_series(1, 300) n;
               insert into public.readings select n, '2026-12-05' from generate_series(1, 500) n;
               set enable_seqscan = off"""
        )
        for day in ("2026-11-05", "2026-12-05"):
            await owner.fetchval(f"select count(*) from public.readings where id = 7 and day = '{day}'")
        await owner.fetchval("select pg_stat_force_next_flush()")
        rows = {row["table_name"]: row for row in await db.pool.fetch("select * from casebase.list_tables()")}
        assert [name for name in rows if "readings" in name] == ["public.readings"]
        found = rows["public.readings"]
        assert found["estimated_rows"] == 800
        assert found["index_scans"] == 2
        on_disk = await owner.fetchrow(
            "select sum(pg_total_relation_size(relid)) as bytes, sum(pg_indexes_size(relid)) as index_bytes"
            " from pg_partition_tree('public.readings')"
        )
        assert (found["bytes"], found["index_bytes"]) == (on_disk["bytes"], on_disk["index_bytes"])
        assert not any(name.startswith(("pg_", "information_schema")) for name in rows)

    async def test_an_index_is_unused_where_it_is_in_no_partition(
        self, db: Database, owner: asyncpg.Connection
    ) -> None:
        async def unused() -> set[tuple[str, str]]:
            await owner.fetchval("select pg_stat_force_next_flush()")
            rows = await owner.fetch("select * from casebase.list_unused_indexes()")
            return {(row["index_name"], row["table_name"]) for row in rows if "readings" in row["table_name"]}

        await owner.execute(
            """create table public.readings_2026_12 partition of public.readings
                   for values from ('2026-12-01') to ('2027-01-01');
               create index readings_day_idx on public.readings (day);
               set enable_seqscan = off; set enable_bitmapscan = off"""
        )
        assert await unused() == {("public.readings_day_idx", "public.readings")}
        await owner.fetchval("select count(*) from public.readings where day = '2026-11-05'")
        assert await unused() == set()

    async def test_a_table_of_today_grew_by_all_its_rows(
        self, db: Database, owner: asyncpg.Connection, make_person: MakePerson
    ) -> None:
        await db.pool.fetchval("select casebase.sample_tables()")
        await owner.execute(
            "create table public.young (id int);"
            "insert into public.young select generate_series(1, 400);"
            "set casebase.clock_offset = '5 minutes'"
        )
        await owner.fetchval("select pg_stat_force_next_flush()")
        await owner.fetchval("select casebase.sample_tables()")
        growth = "select row_growth from casebase.read_table_metrics() where table_name = $1"
        assert await owner.fetchval(growth, "public.young") == 400
        assert await owner.fetchval(growth, "public.notes") == 0
        # On the page the largest are shown: make it one of them.
        await owner.execute(
            "update casebase.table_samples set bytes = 1e12 where table_name = 'public.young'"
        )
        person = await make_person(await owner.fetchval("select casebase.default_tenant()"), "admin")
        for period in ("1h", "24h", "30d"):
            found = (await db.rpc(person, "get_monitoring", json.dumps({"period": period}))).json()["tables"]
            [young] = [table for table in found if table["name"] == "public.young"]
            assert (young["row_growth"], young["byte_growth"]) == (400, 1e12), period

    async def test_without_an_earlier_sample_nobody_knows_the_growth(
        self, db: Database, owner: asyncpg.Connection
    ) -> None:
        growths = await db.pool.fetch("select row_growth from casebase.read_table_metrics()")
        assert {row[0] for row in growths} == {None}

    async def test_growth_is_since_a_day_ago(self, db: Database, owner: asyncpg.Connection) -> None:
        await db.pool.fetchval("select casebase.sample_tables()")
        await owner.execute(
            "update casebase.table_samples set starts_at = starts_at - interval '20 hours' where grain = 'hour'"
        )
        await owner.execute("insert into public.notes select n, 'x' from generate_series(1, 700) n")
        await owner.fetchval("select pg_stat_force_next_flush()")
        growth = await db.pool.fetchval(
            "select row_growth from casebase.read_table_metrics() where table_name = 'public.notes'"
        )
        assert growth == 700

    async def test_a_table_that_is_dropped_meanwhile_is_left_out(
        self, db: Database, owner: asyncpg.Connection
    ) -> None:
        await owner.execute("alter function casebase.list_tables() set lock_timeout = '1min'")
        async with owner.transaction():
            await owner.execute("drop table public.notes")
            listing = asyncio.create_task(db.pool.fetch("select * from casebase.list_tables()"))
            await locks_awaited(owner)
        rows = await listing
        assert "public.readings" in {row["table_name"] for row in rows}
        assert "public.notes" not in {row["table_name"] for row in rows}

    async def test_a_table_under_a_lock_keeps_nobody_waiting(
        self, db: Database, owner: asyncpg.Connection
    ) -> None:
        async with owner.transaction():
            await owner.execute("lock table public.notes in access exclusive mode")
            with pytest.raises(asyncpg.LockNotAvailableError):
                await db.pool.fetch("select * from casebase.read_table_metrics()")


async def work(db: Database, payload: dict[str, Any], queue: str) -> list[Any]:
    queues = Queues(db)
    await queues.enqueue(queue, payload)
    await Worker(Runtime(load_settings(), (), db, ""), [queue]).drain()
    return await queues.list_jobs(queue)


async def test_the_jobs_do_what_the_schedules_ask(db: Database, owner: asyncpg.Connection) -> None:
    assert await work(db, {"task": "sample_tables"}, "casebase_monitoring") == []
    assert await work(db, {"task": "evaluate_alerts"}, "casebase_monitoring") == []
    assert await owner.fetchval("select count(*) > 0 from casebase.table_samples")


async def test_minutes_go_after_two_days_hours_after_ninety(db: Database, owner: asyncpg.Connection) -> None:
    await owner.execute(
        """insert into casebase.call_stats
           select grain, casebase.now() - age, 'function', 'f' || n, 1, 0, 0, 1, array_fill(0, array[14])
           from (values ('minute', interval '47 hours'), ('minute', '49 hours'), ('hour', '89 days'), ('hour', '91 days'),
                        ('day', '89 days'), ('day', '91 days')) as k (grain, age), generate_series(1, 700) n;
           insert into casebase.pool_stats select grain, starts_at, 1, 1, 0, 0 from casebase.call_stats where name = 'f1';
           insert into casebase.table_samples
           select grain, starts_at, name, 0, 0, 0, 0, 0 from casebase.call_stats where name in ('f1', 'f2')"""
    )
    assert await work(db, {"purge": "monitoring"}, "casebase_maintenance") == []
    for table, kept in (("call_stats", 700), ("pool_stats", 1), ("table_samples", 2)):
        rows = await owner.fetch(
            f"select grain, count(*) from casebase.{table} group by grain order by grain"
        )
        assert [tuple(row) for row in rows] == [("day", kept), ("hour", kept), ("minute", kept)]
