"""Three completed sessions are a week's, and the week is ISO's in UTC, whatever zone, year or clock change it lies in."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from uuid import UUID

import asyncpg
import pytest

from casebase.kernel.db import Principal
from tests.practice.conftest import TODAY, At, MakeSession, People, call_at
from tests.support.refusals import refusal_of

MONDAYS = [
    ("2026-06-17T10:00:00", "2026-06-22"),
    ("2026-12-27T23:59:59.999999", "2026-12-28"),  # the last week but one of 2026
    ("2026-12-28T00:00:00", "2027-01-04"),  # week 53, which lies in two years
    ("2026-12-31T23:59:59", "2027-01-04"),
    ("2027-01-01T00:00:00", "2027-01-04"),  # still in week 53 of 2026
    ("2027-01-03T23:59:59.999999", "2027-01-04"),
    ("2027-01-04T00:00:00", "2027-01-11"),  # week 1 of 2027
    ("2024-12-30T00:00:00", "2025-01-06"),  # week 1 of 2025 begins in 2024
    ("2028-02-28T12:00:00", "2028-03-06"),  # a leap day in it
    ("2028-02-29T23:59:59", "2028-03-06"),
    ("2026-03-29T01:30:00", "2026-03-30"),  # an hour too short in Berlin, on its Sunday
    ("2026-10-25T01:30:00", "2026-10-26"),  # an hour too long
    ("2026-03-08T07:30:00", "2026-03-09"),  # the same in New York
    ("2026-11-01T06:30:00", "2026-11-02"),
]
ZONES = ["UTC", "Europe/Berlin", "America/New_York", "Pacific/Kiritimati"]


@pytest.fixture(params=ZONES)
async def zoned(
    owner: asyncpg.Connection, request: pytest.FixtureRequest
) -> AsyncIterator[asyncpg.Connection]:
    """A connection whose session has a time zone."""
    await owner.execute("select set_config('TimeZone', $1, false)", request.param)
    yield owner
    await owner.execute("reset TimeZone")


async def _week(owner: asyncpg.Connection, person: Principal) -> tuple[int, datetime]:
    return tuple(
        await owner.fetchrow(
            "select current_week_completion_count, week_reset_date from public.profiles where id = $1",
            person.sub,
        )
    )


def _at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


async def test_a_week_ends_on_monday_at_midnight_in_utc(zoned: asyncpg.Connection) -> None:
    for moment, monday in MONDAYS:
        assert await zoned.fetchval("select practice.next_week($1)", _at(moment)) == _at(monday), moment


async def test_every_hour_of_years_is_in_the_week_that_python_says(zoned: asyncpg.Connection) -> None:
    # 53 weeks in 2026, a leap year after it, and every change of the clocks.
    rows = await zoned.fetch(
        "select h, practice.next_week(h) from generate_series('2026-01-01Z'::timestamptz, '2029-01-01Z', '7 hours') h"
    )
    assert len(rows) > 3700
    wrong = [
        moment
        for moment, ends in rows
        if not (
            ends.astimezone(UTC).isocalendar().weekday == 1
            and ends.astimezone(UTC).timetz() == datetime.min.replace(tzinfo=UTC).timetz()
            and timedelta() < ends - moment <= timedelta(days=7)
        )
    ]
    assert wrong == []


@pytest.mark.parametrize(
    ("moment", "monday"), [pair for pair in MONDAYS if _at(pair[1]) - _at(pair[0]) < timedelta(days=1)]
)
async def test_the_last_microsecond_is_the_old_week_and_the_next_the_new(
    zoned: asyncpg.Connection, people: People, moment: str, monday: str
) -> None:
    edge = _at(monday)
    await zoned.execute(
        "update public.profiles set completed_scenario_count = 7, current_week_completion_count = 3, week_reset_date = $1",
        edge,
    )
    with pytest.raises(asyncpg.PostgresError, match="weekly_limit_reached") as refused:
        await call_at(zoned, edge - timedelta(microseconds=1), people.learner, "start_session", scenario_id=1)
    assert refused.value.sqlstate == "PT429"
    reply = await call_at(zoned, edge, people.learner, "start_session", scenario_id=1)
    assert reply["allowance"]["completed_this_week"] == 0
    assert datetime.fromisoformat(reply["allowance"]["resets_at"]) == edge + timedelta(days=7)
    assert await _week(zoned, people.learner) == (0, edge + timedelta(days=7))


async def test_a_completion_counts_in_the_week_it_happens_in(
    zoned: asyncpg.Connection, people: People, make_session: MakeSession
) -> None:
    edge = _at("2027-01-04")
    await zoned.execute(
        "update public.profiles set completed_scenario_count = 2, current_week_completion_count = 2, week_reset_date = $1",
        edge,
    )
    late = edge - timedelta(minutes=5)
    session_id = await make_session(people.learner, main=4, started_at=late, last_activity_at=late)
    reply = await call_at(
        zoned, edge + timedelta(minutes=5), people.learner, "complete_session", session_id=session_id
    )
    assert reply["session"]["duration_seconds"] == 600
    assert (reply["completed_scenario_count"], reply["allowance"]["completed_this_week"]) == (3, 1)


async def test_duration_is_real_time_where_the_clocks_change(
    zoned: asyncpg.Connection, people: People, make_session: MakeSession
) -> None:
    started = _at("2026-10-25T00:30:00")
    session_id = await make_session(people.learner, main=4, started_at=started, last_activity_at=started)
    reply = await call_at(
        zoned, started + timedelta(hours=2), people.learner, "complete_session", session_id=session_id
    )
    assert reply["session"]["duration_seconds"] == 7200


async def test_seven_days_are_168_hours_where_the_clocks_change(
    zoned: asyncpg.Connection, people: People, make_session: MakeSession
) -> None:
    started = _at("2026-03-28T12:00:00")
    session_id = await make_session(people.learner, main=1, helper=0, started_at=started)
    active = await zoned.fetchval("select last_activity_at from public.sessions where id = $1", session_id)
    last = active + timedelta(hours=168)
    found = await call_at(zoned, last, people.learner, "get_active_session")
    assert datetime.fromisoformat(found["session"]["expires_at"]) == last
    assert (
        await call_at(zoned, last + timedelta(microseconds=1), people.learner, "get_active_session") is None
    )


async def test_who_comes_back_after_years_has_a_week_of_their_own(
    zoned: asyncpg.Connection, people: People
) -> None:
    await zoned.execute(
        "update public.profiles set completed_scenario_count = 3, current_week_completion_count = 3"
    )
    reply = await call_at(zoned, _at("2031-08-20"), people.learner, "start_session", scenario_id=1)
    assert datetime.fromisoformat(reply["allowance"]["resets_at"]) == _at("2031-08-25")


async def test_the_fourth_of_a_week_is_refused_and_tells_when(
    at: At, people: People, make_session: MakeSession, owner: asyncpg.Connection
) -> None:
    database = (await at()).database
    session = database.session(people.learner)
    for _ in range(3):
        session_id = await make_session(people.learner, main=2, started_at=TODAY, last_activity_at=TODAY)
        await session.call("complete_session", {"session_id": session_id})
    refused = await refusal_of(owner, session, "start_session", scenario_id=1)
    assert (refused.status, refused.code, refused.detail["limit"]) == (429, "weekly_limit_reached", 3)
    assert datetime.fromisoformat(refused.detail["resets_at"]) == _at("2026-06-22")
    # Another's week is their own.
    assert await database.session(people.other_learner).call("start_session", {"scenario_id": 1})


async def test_the_week_begins_anew_once_and_is_noted_once(
    at: At, people: People, make_session: MakeSession, owner: asyncpg.Connection
) -> None:
    await owner.execute(
        "update public.profiles set completed_scenario_count = 3, current_week_completion_count = 3 where id = $1",
        people.learner.sub,
    )
    session = (await at(TODAY + timedelta(days=7))).database.session(people.learner)
    profiles = await asyncio.gather(*(session.call("get_profile") for _ in range(2)))
    # Who reads sees the new week already, and writes nothing.
    assert [profile["allowance"]["completed_this_week"] for profile in profiles] == [0, 0]
    assert (await _week(owner, people.learner))[0] == 3
    started: UUID = (await session.call("start_session", {"scenario_id": 1}))["session"]["session_id"]
    await session.call("abandon_session", {"session_id": started})
    await session.call("start_session", {"scenario_id": 1})
    assert await _week(owner, people.learner) == (0, _at("2026-06-29"))
    assert (
        await owner.fetchval("select count(*) from public.logs where event_type = 'weekly_limit_reset'") == 1
    )
