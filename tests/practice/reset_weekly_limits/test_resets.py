"""Whose counted week is over begins anew, in batches and once; whose is not keeps their count."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import asyncpg

from tests.practice.conftest import TODAY, At, MakeSession, People

MONDAY = datetime(2026, 6, 22, tzinfo=UTC)


async def count_of(owner: asyncpg.Connection, people: People) -> tuple[int, int, datetime]:
    row = await owner.fetchrow(
        "select current_week_completion_count, completed_scenario_count, week_reset_date "
        "from public.profiles where id = $1",
        people.learner.sub,
    )
    return tuple(row)


async def complete(owner: asyncpg.Connection, people: People, count: int) -> None:
    await owner.execute(
        "update public.profiles set completed_scenario_count = $2, current_week_completion_count = $2 "
        "where id = $1",
        people.learner.sub,
        count,
    )


async def test_the_week_begins_anew_on_monday_and_no_earlier(
    at: At, owner: asyncpg.Connection, people: People
) -> None:
    await complete(owner, people, 3)

    before = (await at(MONDAY - timedelta(seconds=30))).session()
    assert await before.call("reset_weekly_limits") == 0
    assert await count_of(owner, people) == (3, 3, MONDAY)

    after = (await at(MONDAY + timedelta(seconds=30))).session()
    assert await after.call("reset_weekly_limits") == 1
    assert await count_of(owner, people) == (0, 3, MONDAY + timedelta(days=7))


async def test_it_is_noted_once_and_without_names(at: At, owner: asyncpg.Connection, people: People) -> None:
    await complete(owner, people, 2)
    session = (await at(MONDAY + timedelta(days=20))).session()

    assert [await session.call("reset_weekly_limits") for _ in range(2)] == [1, 0]
    rows = await owner.fetch(
        "select level, metadata, user_key from public.logs where event_type = 'weekly_limit_reset'"
    )
    assert [tuple(row) for row in rows] == [("info", '{"count": 1}', None)]


async def test_fifty_resets_at_once_reset_each_once(at: At, owner: asyncpg.Connection) -> None:
    await owner.execute(
        "insert into auth.users (id, email) "
        "select gen_random_uuid(), 'person' || n || '@example.com' from generate_series(1, 200) n"
    )
    await owner.execute(
        "update public.profiles set completed_scenario_count = 2, current_week_completion_count = 2, "
        "week_reset_date = '2026-06-15Z'"
    )
    session = (await at(TODAY, pool_size=10)).session()
    counts = await asyncio.gather(
        *(session.call("reset_weekly_limits", {"batch_limit": 5}) for _ in range(50))
    )

    assert sum(counts) + await session.call("reset_weekly_limits") == 200
    assert await owner.fetchval("select max(current_week_completion_count) from public.profiles") == 0


async def test_who_is_completing_a_session_is_left_to_their_own_reset(
    at: At, owner: asyncpg.Connection, people: People, make_session: MakeSession
) -> None:
    await complete(owner, people, 2)
    await make_session(people.learner)
    session = (await at(MONDAY + timedelta(hours=1))).session()

    async with owner.transaction():
        await owner.execute("select from public.profiles where id = $1 for no key update", people.learner.sub)
        assert await session.call("reset_weekly_limits") == 0
