"""An event is kept for thirty days; the key of its week goes when the last of that week's events has gone."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta

import asyncpg

from tests.practice.conftest import TODAY, At, People

DAY = timedelta(days=1)


async def note(at: At, moment: datetime, people: People) -> None:
    await (
        (await at(moment))
        .session()
        .call("log_event", {"level": "info", "event_type": "user_logout", "user_id": people.learner.sub})
    )


async def delete_old(at: At, moment: datetime) -> int:
    count: int = await (await at(moment)).session().call("delete_old_logs")
    return count


async def left(owner: asyncpg.Connection) -> int:
    count: int = await owner.fetchval("select count(*) from public.logs where event_type = 'user_logout'")
    return count


async def test_an_event_is_there_on_its_thirtieth_day_and_gone_after(
    at: At, owner: asyncpg.Connection, people: People
) -> None:
    await owner.execute("delete from public.logs")
    await note(at, TODAY, people)

    await delete_old(at, TODAY + 30 * DAY - timedelta(seconds=30))
    assert await left(owner) == 1

    await delete_old(at, TODAY + 30 * DAY + timedelta(seconds=30))
    assert await left(owner) == 0


async def test_a_key_goes_with_the_last_event_it_may_have_hashed(
    at: At, owner: asyncpg.Connection, people: People
) -> None:
    await owner.execute("delete from practice.log_keys")
    await note(at, TODAY, people)
    week_until = await owner.fetchval("select min(week_until) from practice.log_keys")

    await delete_old(at, week_until + 30 * DAY - timedelta(seconds=30))
    assert (
        await owner.fetchval("select count(*) from practice.log_keys where week_until = $1", week_until) == 1
    )

    await delete_old(at, week_until + 30 * DAY + timedelta(seconds=30))
    assert (
        await owner.fetchval("select count(*) from practice.log_keys where week_until = $1", week_until) == 0
    )


async def test_cleanups_at_once_delete_each_event_once(at: At, owner: asyncpg.Connection) -> None:
    await owner.execute("delete from public.logs")
    await owner.execute(
        "insert into public.logs (level, event_type, metadata, created_at) "
        "select 'info', 'user_logout', '{}', $1 from generate_series(1, 300)",
        TODAY - 31 * DAY,
    )
    session = (await at(pool_size=10)).session()

    counts = await asyncio.gather(*(session.call("delete_old_logs", {"batch_limit": 11}) for _ in range(50)))

    assert sum(counts) + await session.call("delete_old_logs") == 300
    assert await left(owner) == 0
