"""Each certification's reminders come 60, 30 and 7 days before its end, each once; several due at a time are one nudge."""

from __future__ import annotations

import json
from datetime import date, timedelta
from typing import Any

import asyncpg
import pytest

from tests.notifications.conftest import TODAY, Evaluate, MakeMentor
from tests.notifications.facts import certify, fail_all, told

DAY = TODAY.date()


async def reminded(owner: asyncpg.Connection) -> list[list[tuple[Any, ...]]]:
    """Of each notification the certifications it told: (name, stage, days left)."""
    names = {str(row["id"]): row["name"] for row in await owner.fetch("select id, name from certifications")}
    return [
        [
            (names[entry["id"]], entry["stage"], entry["days"])
            for entry in json.loads(row["metadata"])["certifications"]
        ]
        for row in await told(owner, "certification_expiry")
    ]


@pytest.mark.parametrize(
    ("days_left", "stage"),
    [(61, None), (60, 60), (31, 60), (30, 30), (8, 30), (7, 7), (1, 7), (0, 7), (-1, None)],
)
async def test_the_nearest_reminder_that_has_come(
    owner: asyncpg.Connection, make_mentor: MakeMentor, evaluate: Evaluate, days_left: int, stage: int | None
) -> None:
    await certify(owner, await make_mentor(), "First aid", DAY + timedelta(days=days_left))
    await evaluate(scenario_types=["certification_expiry"])
    expected = [] if stage is None else [[("First aid", stage, days_left)]]
    assert await reminded(owner) == expected


async def test_all_three_come_on_their_days_and_no_other(
    owner: asyncpg.Connection, make_mentor: MakeMentor, evaluate: Evaluate
) -> None:
    await certify(owner, await make_mentor(), "First aid", DAY + timedelta(days=65))
    for day in range(70):
        await evaluate(scenario_types=["certification_expiry"], now=TODAY + timedelta(days=day))
    assert await reminded(owner) == [[("First aid", left, left)] for left in (60, 30, 7)]


async def test_one_that_was_missed_is_not_told_later(
    owner: asyncpg.Connection, make_mentor: MakeMentor, evaluate: Evaluate
) -> None:
    await certify(owner, await make_mentor(), "First aid", DAY + timedelta(days=20))
    for day in range(5):
        await evaluate(scenario_types=["certification_expiry"], now=TODAY + timedelta(days=day))
    assert await reminded(owner) == [[("First aid", 30, 20)]]


async def test_several_due_are_one_notification_the_nearest_first(
    owner: asyncpg.Connection, make_mentor: MakeMentor, evaluate: Evaluate
) -> None:
    mentor = await make_mentor()
    await certify(owner, mentor, "Boat", DAY + timedelta(days=60))
    await certify(owner, mentor, "First aid", DAY + timedelta(days=5))
    await certify(owner, mentor, "Driving", DAY + timedelta(days=90))
    reply = await evaluate(scenario_types=["certification_expiry"])
    assert reply["scenarios"] == {"certification_expiry": {"notified": 1}}
    assert await reminded(owner) == [[("First aid", 7, 5), ("Boat", 60, 60)]]
    [row] = await told(owner, "certification_expiry")
    assert row["days"] == "5"
    assert await owner.fetchval("select count(*) from notifications.certification_stages") == 2


async def test_renewing_begins_anew(
    owner: asyncpg.Connection, make_mentor: MakeMentor, evaluate: Evaluate
) -> None:
    mentor = await make_mentor()
    await certify(owner, mentor, "First aid", DAY + timedelta(days=7))
    await evaluate(scenario_types=["certification_expiry"])
    await certify(owner, mentor, "First aid", DAY + timedelta(days=37))
    for day in (7, 30):
        await evaluate(scenario_types=["certification_expiry"], now=TODAY + timedelta(days=day))
    assert await reminded(owner) == [[("First aid", stage, stage)] for stage in (7, 30, 7)]


async def test_one_that_comes_in_the_cooldown_is_told_the_day_after(
    owner: asyncpg.Connection, make_mentor: MakeMentor, evaluate: Evaluate
) -> None:
    mentor = await make_mentor()
    await certify(owner, mentor, "First aid", DAY + timedelta(days=7))
    await evaluate(scenario_types=["certification_expiry"])
    await certify(owner, mentor, "Boat", DAY + timedelta(days=30))
    reply = await evaluate(
        scenario_types=["certification_expiry"], now=TODAY + timedelta(hours=23, minutes=59)
    )
    assert reply["scenarios"] == {"certification_expiry": {"cooldown": 1}}
    await evaluate(scenario_types=["certification_expiry"], now=TODAY + timedelta(days=1))
    assert await reminded(owner) == [[("First aid", 7, 7)], [("Boat", 30, 29)]]


async def test_one_that_failed_is_told_again(
    owner: asyncpg.Connection, make_mentor: MakeMentor, evaluate: Evaluate
) -> None:
    await certify(owner, await make_mentor(), "First aid", DAY + timedelta(days=7))
    await evaluate(scenario_types=["certification_expiry"])
    await fail_all(owner)
    await evaluate(scenario_types=["certification_expiry"], now=TODAY + timedelta(days=1))
    assert await reminded(owner) == [[("First aid", 7, 7)], [("First aid", 7, 6)]]


async def test_more_than_fit_into_one_come_in_the_next(
    owner: asyncpg.Connection, make_mentor: MakeMentor, evaluate: Evaluate
) -> None:
    mentor = await make_mentor()
    for number in range(120):
        await certify(owner, mentor, f"Course {number}", DAY + timedelta(days=30))
    for day in range(4):
        await evaluate(scenario_types=["certification_expiry"], now=TODAY + timedelta(days=day))
    batches = await reminded(owner)
    assert [len(batch) for batch in batches] == [50, 50, 20]
    assert len({name for batch in batches for name, _, _ in batch}) == 120


async def test_a_leap_day_is_a_day(
    owner: asyncpg.Connection, make_mentor: MakeMentor, evaluate: Evaluate
) -> None:
    mentor = await make_mentor()
    await certify(owner, mentor, "First aid", date(2028, 2, 29))
    await certify(owner, mentor, "Boat", date(2028, 3, 1))
    at = TODAY.replace(year=2028, month=2)
    for day in (21, 22, 23):
        await evaluate(scenario_types=["certification_expiry"], now=at.replace(day=day))
    assert await reminded(owner) == [
        [("First aid", 30, 8), ("Boat", 30, 9)],
        [("First aid", 7, 7)],
        [("Boat", 7, 7)],
    ]
