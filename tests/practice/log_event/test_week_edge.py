"""The first events of a week, in which everything begins anew, keep nobody waiting for each other."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import asyncpg
import pytest

from casebase.kernel.errors import RpcError
from tests.practice.conftest import At, MakeSession, People
from tests.support.waiting import locks_awaited

MONDAY = datetime(2026, 6, 22, tzinfo=UTC)
SECOND = timedelta(seconds=1)
WEEK = timedelta(days=7)


async def weeks(owner: asyncpg.Connection) -> list[datetime]:
    rows = await owner.fetch("select week_until from practice.log_keys order by week_until")
    return [row["week_until"] for row in rows]


async def forget_weeks(owner: asyncpg.Connection) -> None:
    await owner.execute("delete from practice.log_keys")


async def completed_last_week(owner: asyncpg.Connection) -> None:
    await owner.execute(
        "update public.profiles set completed_scenario_count = 1, current_week_completion_count = 1, "
        "week_reset_date = $1",
        MONDAY,
    )


async def outcome(call: Awaitable[Any]) -> str:
    try:
        await call
    except RpcError as error:
        return error.code
    return "done"


async def test_an_installation_has_keys_from_its_first_day(owner: asyncpg.Connection) -> None:
    this_week = await owner.fetchval("select practice.next_week(now())")
    assert {this_week, this_week + WEEK} <= set(await weeks(owner))


async def test_the_next_weeks_key_is_made_by_the_hourly_reset(at: At, owner: asyncpg.Connection) -> None:
    await forget_weeks(owner)
    await (await at(MONDAY - SECOND * 60)).session().call("reset_weekly_limits")
    assert await weeks(owner) == [MONDAY, MONDAY + WEEK]

    await (await at(MONDAY + SECOND)).session().call("reset_weekly_limits")
    assert await weeks(owner) == [MONDAY, MONDAY + WEEK, MONDAY + 2 * WEEK]


@pytest.mark.parametrize("has_key", [True, False], ids=["made_ahead", "nobody_made_it"])
async def test_a_start_and_an_event_of_the_same_session_both_come_through(
    at: At, owner: asyncpg.Connection, people: People, make_session: MakeSession, has_key: bool
) -> None:
    session_id = await make_session(people.learner, started_at=MONDAY - WEEK / 2)
    await completed_last_week(owner)
    await forget_weeks(owner)
    monday = await at(MONDAY + SECOND)
    if has_key:
        await (await at(MONDAY - SECOND * 60)).session().call("reset_weekly_limits")
    async with owner.transaction():
        # Something is being said in it.
        await owner.execute("select from public.sessions where id = $1 for no key update", session_id)
        starting = asyncio.create_task(
            outcome(monday.session(people.learner).call("start_session", {"scenario_id": 1}))
        )
        await locks_awaited(owner)
        event = {"level": "info", "event_type": "api_call_completed"}
        noting = asyncio.create_task(
            outcome(
                monday.session().call(
                    "log_event", event | {"user_id": people.learner.sub, "session_id": session_id}
                )
            )
        )
        if has_key:
            assert await noting == "done"
        else:
            await locks_awaited(owner, 2)
    assert (await starting, await noting) == ("session_active", "done")


async def test_a_hundred_calls_at_the_weeks_edge_are_all_answered(
    at: At, owner: asyncpg.Connection, people: People, make_session: MakeSession
) -> None:
    both = (people.learner, people.other_learner)
    left_at = MONDAY - WEEK / 2
    sessions = [await make_session(each, started_at=left_at, last_activity_at=left_at) for each in both]
    await completed_last_week(owner)
    await forget_weeks(owner)
    await (await at(MONDAY - SECOND * 60)).session().call("reset_weekly_limits")
    monday = await at(MONDAY + SECOND, pool_size=10)

    def call(n: int) -> Awaitable[Any]:
        person, own = both[n % 2], {"session_id": sessions[n % 2]}
        event = {"event_id": uuid4(), "level": "info", "event_type": "api_call_completed"}
        session = monday.session(person)
        match n // 2 % 5:
            case 0:
                return session.call("start_session", {"scenario_id": 1})
            case 1:
                said = {"chat_type": "main", "content": "Ja", "client_id": uuid4()}
                return session.call("append_message", own | said)
            case 2:
                return session.call("get_active_session")
            case 3:
                events = [event | {"user_id": person.sub} | own]
                return monday.session().call("log_events", {"payload": {"events": events}})
            case _:
                return (
                    monday.session().call("reset_weekly_limits")
                    if n < 90
                    else session.call("abandon_session", own)
                )

    outcomes = await asyncio.gather(*(outcome(call(n)) for n in range(100)))

    assert set(outcomes) <= {"done", "session_active", "session_not_found"}
