"""One that failed holds nobody's cooldown, and is not followed by another before a day has passed."""

from __future__ import annotations

from datetime import timedelta

import asyncpg

from tests.notifications.conftest import TODAY, Evaluate, MakeMentor
from tests.notifications.facts import configure, fail_all, told


async def test_for_a_day_no_other_follows(
    owner: asyncpg.Connection, make_mentor: MakeMentor, evaluate: Evaluate
) -> None:
    await make_mentor(last_active=40)
    await evaluate(scenario_types=["inactivity"])
    await fail_all(owner)
    almost = TODAY + timedelta(hours=24, microseconds=-1)
    reply = await evaluate(scenario_types=["inactivity"], now=almost)
    assert reply["scenarios"] == {"inactivity": {"failed_recently": 1}}
    reply = await evaluate(scenario_types=["inactivity"], now=TODAY + timedelta(hours=24))
    assert reply["scenarios"] == {"inactivity": {"notified": 1}}


async def test_a_cooldown_shorter_than_a_day_is_the_wait(
    owner: asyncpg.Connection, make_mentor: MakeMentor, evaluate: Evaluate
) -> None:
    await configure(owner, "inactivity", cooldown=timedelta(hours=2))
    await make_mentor(last_active=40)
    await evaluate(scenario_types=["inactivity"])
    await fail_all(owner)
    reply = await evaluate(scenario_types=["inactivity"], now=TODAY + timedelta(minutes=119))
    assert reply["scenarios"] == {"inactivity": {"failed_recently": 1}}
    await evaluate(scenario_types=["inactivity"], now=TODAY + timedelta(minutes=120))
    assert [row["delivery_status"] for row in await told(owner, "inactivity")] == ["failed", "pending"]


async def test_one_that_failed_leaves_the_cooldown_of_another_as_it_is(
    owner: asyncpg.Connection, make_mentor: MakeMentor, evaluate: Evaluate
) -> None:
    await make_mentor(last_active=40)
    await evaluate(scenario_types=["inactivity"])
    await fail_all(owner)
    await evaluate(scenario_types=["inactivity"], now=TODAY + timedelta(days=1))
    reply = await evaluate(scenario_types=["inactivity"], now=TODAY + timedelta(days=30))
    assert reply["scenarios"] == {"inactivity": {"cooldown": 1}}
