"""Who is active again after a notice that was sent is welcomed, once a notice, while it is news."""

from __future__ import annotations

from datetime import timedelta

import asyncpg
import pytest

from tests.notifications.conftest import TODAY, Evaluate, MakeMentor
from tests.notifications.facts import be_active, fail_all, send_all, told, told_at

DAY = TODAY.date()


async def test_who_came_back_is_welcomed_once(
    owner: asyncpg.Connection, make_mentor: MakeMentor, evaluate: Evaluate
) -> None:
    mentor = await make_mentor(last_active=40)
    await make_mentor(last_active=40)
    await evaluate(scenario_types=["inactivity"])
    await send_all(owner)
    await be_active(owner, mentor, DAY + timedelta(days=3))
    for hours in range(72, 24 * 12, 24):
        await evaluate(scenario_types=["welcome_back"], now=TODAY + timedelta(hours=hours))
    assert [row["user_id"] for row in await told(owner, "welcome_back")] == [mentor]


@pytest.mark.parametrize(("days_ago", "is_told"), [(0, True), (7, True), (8, False)])
async def test_only_while_it_is_news(
    owner: asyncpg.Connection, make_mentor: MakeMentor, evaluate: Evaluate, days_ago: int, is_told: bool
) -> None:
    mentor = await make_mentor(last_active=40)
    await evaluate(scenario_types=["inactivity"])
    await send_all(owner)
    await be_active(owner, mentor, DAY + timedelta(days=1))
    await evaluate(scenario_types=["welcome_back"], now=TODAY + timedelta(days=1 + days_ago))
    assert len(await told(owner, "welcome_back")) == is_told


@pytest.mark.parametrize(("day", "is_told"), [(-1, False), (0, True)])
async def test_activity_from_the_day_of_the_notice_on(
    owner: asyncpg.Connection, make_mentor: MakeMentor, evaluate: Evaluate, day: int, is_told: bool
) -> None:
    mentor = await make_mentor(last_active=40)
    await evaluate(scenario_types=["inactivity"])
    await send_all(owner)
    await be_active(owner, mentor, DAY + timedelta(days=day))
    await evaluate(scenario_types=["welcome_back"], now=TODAY + timedelta(days=1))
    assert len(await told(owner, "welcome_back")) == is_told


async def test_a_notice_that_was_not_sent_is_answered_by_nothing(
    owner: asyncpg.Connection, make_mentor: MakeMentor, evaluate: Evaluate
) -> None:
    mentor = await make_mentor(last_active=40)
    await evaluate(scenario_types=["inactivity"])
    await be_active(owner, mentor, DAY)
    assert (await evaluate(scenario_types=["welcome_back"]))["scenarios"] == {}
    await fail_all(owner)
    assert (await evaluate(scenario_types=["welcome_back"]))["scenarios"] == {}


async def test_each_notice_has_its_welcome(
    owner: asyncpg.Connection, make_mentor: MakeMentor, evaluate: Evaluate
) -> None:
    mentor = await make_mentor(last_active=40)
    for month in (0, 40):
        start = TODAY + timedelta(days=month)
        await evaluate(scenario_types=["inactivity"], now=start)
        await send_all(owner)
        await be_active(owner, mentor, start.date() + timedelta(days=1))
        await evaluate(scenario_types=["welcome_back"], now=start + timedelta(days=2))
    assert await told_at(owner, mentor, "welcome_back") == [
        TODAY + timedelta(days=2),
        TODAY + timedelta(days=42),
    ]


async def test_a_welcome_that_failed_is_written_again(
    owner: asyncpg.Connection, make_mentor: MakeMentor, evaluate: Evaluate
) -> None:
    mentor = await make_mentor(last_active=40)
    await evaluate(scenario_types=["inactivity"])
    await send_all(owner)
    await be_active(owner, mentor, DAY + timedelta(days=1))
    await evaluate(scenario_types=["welcome_back"], now=TODAY + timedelta(days=1))
    await fail_all(owner)
    reply = await evaluate(scenario_types=["welcome_back"], now=TODAY + timedelta(days=2))
    assert reply["scenarios"] == {"welcome_back": {"notified": 1}}
