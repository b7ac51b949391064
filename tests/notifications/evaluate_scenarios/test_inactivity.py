"""Who was not active for as long as the organisation's threshold is told so, once a cooldown."""

from __future__ import annotations

from datetime import timedelta

import asyncpg

from tests.notifications.conftest import TODAY, Evaluate, MakeMentor


async def told(owner: asyncpg.Connection) -> list[tuple[object, ...]]:
    rows = await owner.fetch(
        "select user_id, scenario_type, metadata ->> 'days' from scenario_notifications order by triggered_at"
    )
    return [tuple(row) for row in rows]


async def test_thirty_days_without_activity_are_told_and_twenty_nine_are_not(
    owner: asyncpg.Connection, make_mentor: MakeMentor, evaluate: Evaluate
) -> None:
    inactive = await make_mentor(last_active=30)
    await make_mentor(last_active=29)
    reply = await evaluate(scenario_types=["inactivity"])
    assert reply["scenarios"] == {"inactivity": {"notified": 1}}
    assert reply["evaluated"] == 2
    assert await told(owner) == [(inactive, "inactivity", "30")]


async def test_it_is_told_again_when_the_cooldown_is_over_and_not_before(
    owner: asyncpg.Connection, make_mentor: MakeMentor, evaluate: Evaluate
) -> None:
    inactive = await make_mentor(last_active=30)
    await evaluate(scenario_types=["inactivity"])
    almost = TODAY + timedelta(days=30, microseconds=-1)
    reply = await evaluate(scenario_types=["inactivity"], now=almost)
    assert reply["scenarios"] == {"inactivity": {"cooldown": 1}}
    await evaluate(scenario_types=["inactivity"], now=TODAY + timedelta(days=30))
    assert await told(owner) == [(inactive, "inactivity", "30"), (inactive, "inactivity", "60")]


async def test_who_never_was_active_is_counted_from_joining(
    owner: asyncpg.Connection, make_mentor: MakeMentor, evaluate: Evaluate
) -> None:
    inactive = await make_mentor(0, joined=TODAY - timedelta(days=31))
    await make_mentor(0, joined=TODAY - timedelta(days=3))
    await make_mentor(0, role="admin")
    await evaluate(scenario_types=["inactivity"])
    assert await told(owner) == [(inactive, "inactivity", "31")]


async def test_who_joins_again_is_counted_from_then(
    owner: asyncpg.Connection, make_mentor: MakeMentor, evaluate: Evaluate
) -> None:
    again = await make_mentor(last_active=400, joined=TODAY)
    for days, count in ((0, 0), (29, 0), (30, 1)):
        reply = await evaluate(scenario_types=["inactivity"], now=TODAY + timedelta(days=days))
        assert reply["scenarios"].get("inactivity", {}).get("notified", 0) == count
    assert await told(owner) == [(again, "inactivity", "30")]
