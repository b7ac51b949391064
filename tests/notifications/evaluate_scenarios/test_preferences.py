"""What somebody decided about a scenario holds for it and for no other."""

from __future__ import annotations

from datetime import timedelta

import asyncpg

from tests.notifications.conftest import TODAY, Evaluate, MakeMentor
from tests.notifications.facts import prefer, told


async def test_a_scenario_that_is_switched_off_is_not_told_and_the_others_are(
    owner: asyncpg.Connection, make_mentor: MakeMentor, evaluate: Evaluate
) -> None:
    mentor = await make_mentor(10, last_active=40)
    await prefer(owner, mentor, "inactivity", enabled=False)
    reply = await evaluate()
    assert reply["scenarios"] == {"inactivity": {"opted_out": 1}, "milestone": {"notified": 1}}


async def test_what_is_due_is_told_once_it_is_switched_on_again(
    owner: asyncpg.Connection, make_mentor: MakeMentor, evaluate: Evaluate
) -> None:
    mentor = await make_mentor(last_active=40)
    await prefer(owner, mentor, "inactivity", enabled=False)
    await evaluate()
    await prefer(owner, mentor, "inactivity", enabled=True)
    reply = await evaluate(now=TODAY + timedelta(hours=1))
    assert reply["scenarios"] == {"inactivity": {"notified": 1}}


async def test_having_opted_out_is_the_reason_even_in_a_cooldown(
    owner: asyncpg.Connection, make_mentor: MakeMentor, evaluate: Evaluate
) -> None:
    mentor = await make_mentor(last_active=40)
    await evaluate()
    await prefer(owner, mentor, "inactivity", enabled=False)
    reply = await evaluate(now=TODAY + timedelta(days=1))
    assert reply["scenarios"] == {"inactivity": {"opted_out": 1}}
    assert len(await told(owner, "inactivity")) == 1
