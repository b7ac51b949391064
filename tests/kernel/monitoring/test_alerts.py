"""When the operators are told, that it is once while it lasts and once when it is over, however many ask at once."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Awaitable, Callable, Sequence

import asyncpg
import pytest
from pydantic import SecretStr

from casebase.kernel.config import load_settings
from casebase.kernel.db import SERVICE, Database
from casebase.kernel.jobs import Queues, Worker
from casebase.kernel.monitoring.history import History
from casebase.kernel.runtime import Runtime
from tests.support.receiver import Receiver
from tests.support.waiting import eventually

GIB = 1024**3
QUICK, SLOW = 0, 10
"""Buckets: within a millisecond, and between 1 and 2.5 seconds."""

At = Callable[[float], Awaitable[None]]
Evaluate = Callable[[], Awaitable[list[str]]]


@pytest.fixture
def at(owner: asyncpg.Connection) -> At:
    """Move the clock to some minutes from now."""

    async def move(minutes: float) -> None:
        await owner.execute(f"set casebase.clock_offset = '{minutes} minutes'")

    return move


@pytest.fixture
def evaluate(owner: asyncpg.Connection) -> Evaluate:
    """Evaluate the rules and return the titles of the alerts that this raised, the oldest first."""

    async def run() -> list[str]:
        told = await owner.fetchval("select casebase.evaluate_alerts()")
        rows = await owner.fetch(
            "delete from pgmq.q_casebase_alerts returning msg_id, message ->> 'title' as title"
        )
        assert len(rows) == told
        return [row["title"] for row in sorted(rows, key=lambda row: row["msg_id"])]

    return run


async def count_calls(
    owner: asyncpg.Connection,
    bucket: int = QUICK,
    *,
    ok: int = 0,
    refused: int = 0,
    failed: int = 0,
    name: str = "f",
) -> None:
    buckets = [0] * 14
    buckets[bucket] = ok + refused + failed
    await owner.execute(
        "select casebase.add_call_stats(jsonb_build_array(jsonb_build_object('kind', 'function', 'name', $1::text,"
        " 'ok', $2::int, 'refused', $3::int, 'failed', $4::int, 'seconds', 1, 'buckets', $5::bigint[])), $6)",
        name,
        ok,
        refused,
        failed,
        buckets,
        '{"size": 10, "most_lent": 1, "waited": 0, "exhausted": 0}',
    )


async def exhaust(owner: asyncpg.Connection) -> None:
    await owner.execute(
        """select casebase.add_call_stats('[]', '{"size": 10, "most_lent": 10, "waited": 9, "exhausted": 3}')"""
    )


async def measure(owner: asyncpg.Connection, **sizes: int) -> None:
    await owner.execute(
        "insert into casebase.table_samples select 'minute', casebase.now(), 'public.' || s.name, s.bytes, 0, 0, 0, 0"
        " from unnest($1::text[], $2::bigint[]) s (name, bytes)",
        list(sizes),
        list(sizes.values()),
    )


async def test_the_specified_thresholds_are_the_defaults(owner: asyncpg.Connection) -> None:
    rules = await owner.fetch("select kind, threshold, least_calls, look_back from casebase.alert_rules")
    assert {row["kind"]: (row["threshold"], row["least_calls"]) for row in rules} == {
        "slow_calls": (1, 20),
        "failing_calls": (0.05, 20),
        "pool_exhausted": (0, 1),
        "large_table": (10 * GIB, 1),
    }
    assert {
        row["kind"]: row["look_back"].total_seconds() for row in rules if row["kind"] != "large_table"
    } == {
        "slow_calls": 300,
        "failing_calls": 300,
        "pool_exhausted": 300,
    }


async def test_quiet_and_healthy_raise_nothing(owner: asyncpg.Connection, evaluate: Evaluate) -> None:
    assert await evaluate() == []
    await count_calls(owner, ok=1000, refused=400, failed=2)
    await measure(owner, just_right=10 * GIB)
    assert await evaluate() == []


async def test_a_second_is_not_more_than_a_second(owner: asyncpg.Connection, evaluate: Evaluate) -> None:
    await count_calls(owner, 9, ok=100)  # the bucket up to one second, whose upper bound is p100
    await owner.execute(
        "update casebase.alert_rules set threshold = 0.975, clears_at = 0.9 where kind = 'slow_calls'"
    )
    assert await evaluate() == []  # p95 is 0.975 then, which is not above it
    await owner.execute("update casebase.alert_rules set threshold = 0.974 where kind = 'slow_calls'")
    assert await evaluate() == ["f is slow"]


async def test_slow_calls(owner: asyncpg.Connection, evaluate: Evaluate) -> None:
    await count_calls(owner, QUICK, ok=93)
    await count_calls(owner, SLOW, ok=7)
    await count_calls(owner, QUICK, ok=100, name="quick")
    assert await evaluate() == ["f is slow"]


async def test_failing_calls(owner: asyncpg.Connection, evaluate: Evaluate) -> None:
    await count_calls(owner, ok=94, failed=6)
    await count_calls(owner, ok=95, failed=5, name="just_right")
    assert await evaluate() == ["f fails"]


async def test_an_alert_says_its_threshold_as_it_was_set(owner: asyncpg.Connection) -> None:
    await owner.execute(
        "update casebase.alert_rules set threshold = 0.07, clears_at = 0.06 where kind = 'failing_calls'"
    )
    await count_calls(owner, ok=92, failed=8)
    await owner.fetchval("select casebase.evaluate_alerts()")
    body = await owner.fetchval("select message ->> 'body' from pgmq.q_casebase_alerts")
    assert "8.0 % failed; the threshold is 7 %." in body


async def test_an_exhausted_pool(owner: asyncpg.Connection, evaluate: Evaluate) -> None:
    await exhaust(owner)
    assert await evaluate() == ["Connection pool exhausted"]


async def test_a_large_table(owner: asyncpg.Connection, evaluate: Evaluate) -> None:
    await measure(owner, big=10 * GIB + 1, just_right=10 * GIB)
    assert await evaluate() == ["public.big is large"]


async def test_few_calls_prove_nothing(owner: asyncpg.Connection, evaluate: Evaluate) -> None:
    await count_calls(owner, SLOW, failed=19)
    assert await evaluate() == []
    await count_calls(owner, SLOW, failed=1)
    assert sorted(await evaluate()) == ["f fails", "f is slow"]


async def test_what_was_long_ago_counts_no_more(
    owner: asyncpg.Connection, evaluate: Evaluate, at: At
) -> None:
    await count_calls(owner, SLOW, ok=100)
    await at(6)
    assert await evaluate() == []


async def test_it_is_told_once_while_it_lasts_and_once_when_it_is_over(
    owner: asyncpg.Connection, evaluate: Evaluate, at: At
) -> None:
    told: list[str] = []
    for minute in range(10):
        await at(minute)
        await count_calls(owner, SLOW, ok=30)
        told += await evaluate()
    assert told == ["f is slow"]
    for minute in range(10, 30):
        await at(minute)
        await count_calls(owner, QUICK, ok=3000)
        told += await evaluate()
    assert told == ["f is slow", "Cleared: f is slow"]
    await at(31)
    await count_calls(owner, SLOW, ok=30_000)
    assert await evaluate() == ["f is slow"]
    assert await owner.fetchval("select count(*) from casebase.alerts") == 2


async def test_a_value_around_the_threshold_does_not_flap(
    owner: asyncpg.Connection, evaluate: Evaluate, at: At
) -> None:
    told: list[str] = []
    for minute in range(40):
        await at(5 * minute)  # so that each minute is judged by itself
        # Six in a hundred, then five: above the threshold, then between it and where it clears.
        await count_calls(owner, ok=94 + minute % 2, failed=6 - minute % 2)
        told += await evaluate()
    assert told == ["f fails"]


async def test_a_moment_of_quiet_does_not_clear(
    owner: asyncpg.Connection, evaluate: Evaluate, at: At
) -> None:
    told: list[str] = []
    for minute in (0, 7, 14):
        await at(minute)
        await exhaust(owner)
        # The last time nothing within five minutes, but not yet for as long. What is counted has the minute it began in.
        for later in (0, 3, 5.5):
            await at(minute + later)
            told += await evaluate()
    assert told == ["Connection pool exhausted"]


async def test_silence_clears(owner: asyncpg.Connection, evaluate: Evaluate, at: At) -> None:
    await count_calls(owner, SLOW, ok=30)
    assert await evaluate() == ["f is slow"]
    await at(11)
    assert await evaluate() == ["Cleared: f is slow"]
    assert await evaluate() == []


async def test_a_table_that_nobody_measures_stays_large(
    owner: asyncpg.Connection, evaluate: Evaluate, at: At
) -> None:
    await measure(owner, big=11 * GIB)
    assert await evaluate() == ["public.big is large"]
    await at(600)
    assert await evaluate() == []
    await measure(owner, big=int(9.5 * GIB))
    assert await evaluate() == []
    await at(605)
    await measure(owner, big=8 * GIB)
    assert await evaluate() == ["Cleared: public.big is large"]


async def test_two_days_without_samples_do_not_make_a_table_small(
    owner: asyncpg.Connection, evaluate: Evaluate, at: At
) -> None:
    await measure(owner, big=11 * GIB)
    assert await evaluate() == ["public.big is large"]
    await at(60 * 24 * 200)
    await owner.fetchval("select casebase.purge_monitoring()")
    assert await evaluate() == []
    await measure(owner, small=1)
    await owner.fetchval("select casebase.purge_monitoring()")
    assert await evaluate() == ["Cleared: public.big is large"]  # for it is no more


async def test_an_operators_threshold_stays_and_rules_can_be_switched_off(
    owner: asyncpg.Connection, evaluate: Evaluate, at: At
) -> None:
    await owner.execute("update casebase.alert_rules set threshold = 3 where kind = 'slow_calls'")
    await count_calls(owner, SLOW, ok=30)
    assert await evaluate() == []
    await exhaust(owner)
    assert await evaluate() == ["Connection pool exhausted"]
    await owner.execute("update casebase.alert_rules set is_enabled = false")
    assert await evaluate() == ["Cleared: Connection pool exhausted"]
    await at(1)
    await exhaust(owner)
    assert await evaluate() == []


async def test_fifty_evaluators_raise_one_alert(db: Database, owner: asyncpg.Connection) -> None:
    await count_calls(owner, SLOW, failed=100)
    told = await asyncio.gather(*(db.pool.fetchval("select casebase.evaluate_alerts()") for _ in range(50)))
    assert sum(told) == 2
    assert await owner.fetchval("select count(*) from casebase.alerts") == 2
    assert await owner.fetchval("select count(*) from pgmq.q_casebase_alerts") == 2


class TestAnOutage:
    """Many functions at once are one message, and one when all of them are well again."""

    async def fail(self, owner: asyncpg.Connection, first: int, last: int) -> None:
        await owner.execute(
            "select casebase.add_call_stats((select jsonb_agg(jsonb_build_object('kind', 'function', 'name', 'f' || n,"
            " 'ok', 100 - n % 90, 'refused', 0, 'failed', 10 + n % 90, 'seconds', 1,"
            " 'buckets', array_fill(10, array[14]) )) from generate_series($1::int, $2::int) n), $3)",
            first,
            last,
            '{"size": 10, "most_lent": 1, "waited": 0, "exhausted": 0}',
        )
        await owner.execute("update casebase.call_stats set buckets = array[100,0,0,0,0,0,0,0,0,0,0,0,0,0]")

    async def test_a_hundred_functions_are_one_message_of_the_worst(self, owner: asyncpg.Connection) -> None:
        await self.fail(owner, 1, 100)
        assert await owner.fetchval("select casebase.evaluate_alerts()") == 1
        [message] = await owner.fetch(
            "select message ->> 'title' as title, message ->> 'body' as body from pgmq.q_casebase_alerts"
        )
        assert message["title"] == "100 functions fail"
        assert "more than 5 %" in message["body"]
        assert (
            "f89 (90.0 %), f88 (89.1 %), f87 (88.2 %), f86 (87.3 %), f85 (86.4 %) and 95 more"
            in message["body"]
        )
        assert await owner.fetchval("select count(*) from casebase.alerts") == 100

    async def test_it_is_over_once_the_last_is_well(
        self, owner: asyncpg.Connection, evaluate: Evaluate, at: At
    ) -> None:
        await self.fail(owner, 1, 100)
        assert await evaluate() == ["100 functions fail"]
        await at(8)
        await self.fail(owner, 1, 1)
        assert await evaluate() == []
        await at(11)
        assert await evaluate() == []
        assert await owner.fetchval("select count(*) from casebase.alerts where cleared_at is null") == 1
        await at(21)
        assert await evaluate() == ["Cleared: 100 functions fail"]
        await at(22)
        assert await evaluate() == []

    async def test_those_that_follow_are_gathered_and_none_is_lost(
        self, owner: asyncpg.Connection, evaluate: Evaluate, at: At
    ) -> None:
        await self.fail(owner, 1, 10)
        assert await evaluate() == ["10 functions fail"]
        told = []
        for minute in range(1, 8):
            await at(minute)
            await self.fail(owner, 1, 10 + 2 * min(minute, 4))
            told += await evaluate()
        assert told == ["8 functions fail"]
        await at(30)
        assert sorted(await evaluate()) == ["Cleared: 10 functions fail", "Cleared: 8 functions fail"]

    async def test_each_kind_is_told_for_itself(self, owner: asyncpg.Connection, evaluate: Evaluate) -> None:
        for number in range(3):
            await count_calls(owner, SLOW, ok=10, failed=10, name=f"f{number}")
        await exhaust(owner)
        await measure(owner, big=11 * GIB, bigger=12 * GIB)
        assert sorted(await evaluate()) == [
            "2 tables are large",
            "3 functions are slow",
            "3 functions fail",
            "Connection pool exhausted",
        ]

    async def test_fifty_evaluators_tell_of_it_once_and_clear_it_once(
        self, owner: asyncpg.Connection, kernel_database: str
    ) -> None:
        await self.fail(owner, 1, 100)

        async def race(minutes: int) -> int:
            async def one() -> int:
                connection = await asyncpg.connect(
                    kernel_database, server_settings={"casebase.clock_offset": f"{minutes} minutes"}
                )
                try:
                    return int(await connection.fetchval("select casebase.evaluate_alerts()"))
                finally:
                    await connection.close()

            return sum(await asyncio.gather(*(one() for _ in range(50))))

        assert await race(0) == 1
        assert await race(11) == 1
        assert await race(12) == 0
        titles = await owner.fetch("select message ->> 'title' from pgmq.q_casebase_alerts order by msg_id")
        assert [row[0] for row in titles] == ["100 functions fail", "Cleared: 100 functions fail"]

    async def test_an_evaluator_that_is_killed_after_telling_leaves_it_to_the_next(
        self, owner: asyncpg.Connection, evaluate: Evaluate, kernel_database: str
    ) -> None:
        await self.fail(owner, 1, 100)
        program = (
            "import asyncio, asyncpg, sys\n"
            "async def main():\n"
            "    connection = await asyncpg.connect(sys.argv[1])\n"
            "    async with connection.transaction():\n"
            "        print(await connection.fetchval('select casebase.evaluate_alerts()'), flush=True)\n"
            "        await asyncio.sleep(600)\n"
            "asyncio.run(main())"
        )
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-c", program, kernel_database, stdout=asyncio.subprocess.PIPE
        )
        assert process.stdout is not None
        assert await process.stdout.readline() == b"1\n"  # told, and not yet kept
        assert await evaluate() == []
        process.kill()
        await process.wait()
        told: list[str] = await eventually(evaluate)
        assert told == ["100 functions fail"]
        assert await evaluate() == []


async def test_a_second_open_alert_of_one_kind_and_subject_is_impossible(owner: asyncpg.Connection) -> None:
    insert = "insert into casebase.alerts (kind, subject, value) values ('slow_calls', 'f', 2)"
    await owner.execute(insert)
    with pytest.raises(asyncpg.UniqueViolationError):
        await owner.execute(insert)
    await owner.execute("update casebase.alerts set cleared_at = casebase.now()")
    await owner.execute(insert)


async def test_from_a_slow_function_to_the_operators(
    db: Database, owner: asyncpg.Connection, hook: Receiver
) -> None:
    async def drain(queues: Sequence[str]) -> None:
        settings = load_settings(alert_urls=SecretStr(f"json://127.0.0.1:{hook.port}/alerts"))
        await Worker(Runtime(settings, (), db, ""), list(queues)).drain()

    for _ in range(20):
        await db.rpc(SERVICE, "touch_nothing")
    for tally in db.calls.by_function().values():
        tally.buckets = [0] * 10 + [20] + [0] * 3  # as if it had been slow: nobody waits for it here
    await History(db).flush()
    await Queues(db).enqueue("casebase_monitoring", {"task": "evaluate_alerts"})
    await drain(["casebase_monitoring"])
    await drain(["casebase_alerts"])
    [request] = hook.received
    assert request.json["title"] == "touch_nothing is slow"
    assert "5 % took longer than 2.43 s; the threshold is 1 s" in request.json["message"]
    assert "docs/runbooks/monitoring.md" in request.json["message"]
