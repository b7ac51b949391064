"""The highest count that somebody reached is told, once ever; those passed over are not."""

from __future__ import annotations

from datetime import timedelta

import asyncpg
import pytest

from tests.notifications.conftest import TODAY, Evaluate, MakeMentor, People
from tests.notifications.facts import be_active, configure, fail_all, told


@pytest.mark.parametrize(
    ("activities", "reached"), [(9, []), (10, [10]), (24, [10]), (25, [25]), (499, [250]), (501, [500])]
)
async def test_the_highest_count_that_is_reached(
    owner: asyncpg.Connection,
    make_mentor: MakeMentor,
    evaluate: Evaluate,
    activities: int,
    reached: list[int],
) -> None:
    await make_mentor(activities)
    await evaluate(scenario_types=["milestone"])
    assert [row["milestone_value"] for row in await told(owner, "milestone")] == reached


async def test_each_is_told_once_and_the_next_when_it_is_reached(
    owner: asyncpg.Connection, make_mentor: MakeMentor, evaluate: Evaluate
) -> None:
    mentor = await make_mentor(10)
    await evaluate(scenario_types=["milestone"])
    later = await evaluate(scenario_types=["milestone"], now=TODAY + timedelta(days=400))
    assert later["scenarios"] == {}
    await be_active(owner, mentor, *[TODAY.date()] * 15)
    await evaluate(scenario_types=["milestone"], now=TODAY + timedelta(days=401))
    assert [row["milestone_value"] for row in await told(owner, "milestone")] == [10, 25]


async def test_those_passed_over_stay_untold(
    owner: asyncpg.Connection, make_mentor: MakeMentor, evaluate: Evaluate
) -> None:
    await make_mentor(60)
    for days in range(4):
        await evaluate(scenario_types=["milestone"], now=TODAY + timedelta(days=days))
    assert [row["milestone_value"] for row in await told(owner, "milestone")] == [50]


async def test_over_organisations_a_count_is_told_once(
    owner: asyncpg.Connection, make_mentor: MakeMentor, evaluate: Evaluate, people: People
) -> None:
    mentor = await make_mentor(10)
    await owner.execute(
        "insert into tenant_users (tenant_id, user_id, role) values ($1, $2, 'member')",
        people.other_tenant,
        mentor,
    )
    await be_active(owner, mentor, *[TODAY.date()] * 12, organization="other")
    await evaluate(scenario_types=["milestone"], organization_id=people.default_tenant)
    assert (await evaluate(scenario_types=["milestone"], dry_run=True))["scenarios"] == {}
    assert [row["organization"] for row in await told(owner, "milestone")] == ["default"]


async def test_one_that_failed_is_not_written_anew(
    owner: asyncpg.Connection, make_mentor: MakeMentor, evaluate: Evaluate
) -> None:
    await make_mentor(10)
    await evaluate(scenario_types=["milestone"])
    await fail_all(owner)
    reply = await evaluate(scenario_types=["milestone"], now=TODAY + timedelta(days=40))
    assert reply["scenarios"] == {}


async def test_two_within_the_hour_come_an_hour_apart(
    owner: asyncpg.Connection, make_mentor: MakeMentor, evaluate: Evaluate
) -> None:
    mentor = await make_mentor(10)
    await evaluate(scenario_types=["milestone"])
    await be_active(owner, mentor, *[TODAY.date()] * 15)
    reply = await evaluate(scenario_types=["milestone"], now=TODAY + timedelta(minutes=59))
    assert reply["scenarios"] == {"milestone": {"cooldown": 1}}
    reply = await evaluate(scenario_types=["milestone"], now=TODAY + timedelta(minutes=60))
    assert reply["scenarios"] == {"milestone": {"notified": 1}}


async def test_what_is_recorded_for_a_later_day_does_not_count_yet(
    make_mentor: MakeMentor, evaluate: Evaluate
) -> None:
    await make_mentor([TODAY.date() + timedelta(days=2)] * 10)
    assert (await evaluate(scenario_types=["milestone"]))["scenarios"] == {}
    reply = await evaluate(scenario_types=["milestone"], now=TODAY + timedelta(days=2))
    assert reply["scenarios"] == {"milestone": {"notified": 1}}


async def test_a_lower_count_that_is_configured_later_is_not_told(
    owner: asyncpg.Connection, make_mentor: MakeMentor, evaluate: Evaluate
) -> None:
    await make_mentor(26)
    await evaluate(scenario_types=["milestone"])
    await configure(owner, "milestone", threshold=[5, 20, 25])
    reply = await evaluate(scenario_types=["milestone"], now=TODAY + timedelta(days=1))
    assert reply["scenarios"] == {}
