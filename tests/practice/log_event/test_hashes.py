"""A person is named by a hash whose key changes every week: the same all week, nobody's the week after."""

from __future__ import annotations

import asyncio
import hashlib
from datetime import UTC, datetime, timedelta

import asyncpg

from casebase.kernel.db import Principal
from tests.practice.conftest import TODAY, At, People

MONDAY = datetime(2026, 6, 22, tzinfo=UTC)


async def note(at: At, moment: datetime, person: Principal) -> None:
    session = (await at(moment)).session()
    await session.call(
        "log_event",
        {"level": "info", "event_type": "user_logout", "user_id": person.sub, "metadata": {"source": "web"}},
    )


async def keys(owner: asyncpg.Connection) -> list[str]:
    rows = await owner.fetch(
        "select user_key from public.logs where event_type = 'user_logout' order by created_at"
    )
    return [row["user_key"] for row in rows]


async def test_the_key_changes_on_monday(at: At, owner: asyncpg.Connection, people: People) -> None:
    for moment in (TODAY, MONDAY - timedelta(minutes=1), MONDAY + timedelta(minutes=1)):
        await note(at, moment, people.learner)

    wednesday, sunday, monday = await keys(owner)
    assert wednesday == sunday
    assert sunday != monday


async def test_people_are_told_apart(at: At, owner: asyncpg.Connection, people: People) -> None:
    await note(at, TODAY, people.learner)
    await note(at, TODAY, people.other_learner)
    assert len(set(await keys(owner))) == 2


async def test_without_the_key_nobody_is_found(at: At, owner: asyncpg.Connection, people: People) -> None:
    await note(at, TODAY, people.learner)
    assert people.learner.sub is not None
    plain = people.learner.sub
    guesses = {
        hashlib.sha256(text).hexdigest()[:24]
        for text in (plain.bytes, str(plain).encode(), plain.hex.encode())
    }
    assert not guesses & set(await keys(owner))


async def test_a_week_has_one_key_whoever_comes_first(
    at: At, owner: asyncpg.Connection, people: People
) -> None:
    session = (await at(MONDAY + timedelta(days=70), pool_size=10)).session()
    call = {"level": "info", "event_type": "user_logout", "user_id": people.learner.sub}

    await asyncio.gather(*(session.call("log_event", call) for _ in range(50)))

    assert len(set(await keys(owner))) == 1
    week_until = MONDAY + timedelta(days=77)
    assert (
        await owner.fetchval("select count(*) from practice.log_keys where week_until = $1", week_until) == 1
    )


async def test_people_and_the_service_do_not_read_the_keys(at: At, owner: asyncpg.Connection) -> None:
    for role in ("anon", "authenticated", "service_role"):
        assert not await owner.fetchval("select has_table_privilege($1, 'practice.log_keys', 'select')", role)
