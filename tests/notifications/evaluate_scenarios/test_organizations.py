"""Each organisation looks at its own people, by what they did for it and by its own rules."""

from __future__ import annotations

from datetime import timedelta

import asyncpg

from tests.notifications.conftest import TODAY, Evaluate, MakeMentor, People
from tests.notifications.facts import be_active, configure, told


async def join(owner: asyncpg.Connection, user_id: object, slug: str = "other") -> None:
    await owner.execute(
        """
        insert into tenant_users (tenant_id, user_id, role, created_at)
        select t.id, $2, 'member', $3 from tenants t where t.slug = $1
        """,
        slug,
        user_id,
        TODAY - timedelta(days=100),
    )


async def test_who_left_is_not_evaluated(
    owner: asyncpg.Connection, make_mentor: MakeMentor, evaluate: Evaluate
) -> None:
    mentor = await make_mentor(10, last_active=40)
    await owner.execute("delete from tenant_users where user_id = $1", mentor)
    assert await evaluate(dry_run=True) == {
        "run_ids": [],
        "evaluated": 0,
        "scenarios": {},
        "is_more": False,
        "cursor": None,
    }
    await evaluate()
    assert await owner.fetchval("select count(*) from scenario_notifications") == 0


async def test_who_came_back_is_known_by_what_they_did_before(
    owner: asyncpg.Connection, make_mentor: MakeMentor, evaluate: Evaluate
) -> None:
    mentor = await make_mentor(last_active=40)
    await owner.execute("delete from tenant_users where user_id = $1", mentor)
    await join(owner, mentor, "default")
    await evaluate(scenario_types=["inactivity"])
    assert [row["days"] for row in await told(owner, "inactivity")] == ["40"]


async def test_of_two_organisations_each_counts_what_was_done_for_it(
    owner: asyncpg.Connection, make_mentor: MakeMentor, evaluate: Evaluate, people: People
) -> None:
    mentor = await make_mentor(5, last_active=40)
    await join(owner, mentor)
    await be_active(owner, mentor, *[TODAY.date()] * 5, organization="other")
    await evaluate()
    # Active for one, not for the other; ten activities in all, five for each.
    assert [(row["organization"], row["days"]) for row in await told(owner, "inactivity")] == [
        ("default", "40")
    ]
    assert await told(owner, "milestone") == []


async def test_a_cooldown_in_one_organisation_is_none_in_another(
    owner: asyncpg.Connection, make_mentor: MakeMentor, evaluate: Evaluate, people: People
) -> None:
    mentor = await make_mentor(last_active=40)
    await join(owner, mentor)
    await evaluate(scenario_types=["inactivity"], organization_id=people.default_tenant)
    await evaluate(scenario_types=["inactivity"])
    assert [row["organization"] for row in await told(owner, "inactivity")] == ["default", "other"]


async def test_one_that_is_named_is_evaluated_alone(
    owner: asyncpg.Connection, make_mentor: MakeMentor, evaluate: Evaluate, people: People
) -> None:
    await make_mentor(last_active=40)
    await make_mentor(last_active=40, organization_id=people.other_tenant)
    reply = await evaluate(scenario_types=["inactivity"], organization_id=people.other_tenant)
    assert reply["scenarios"] == {"inactivity": {"notified": 1}}
    assert [row["organization"] for row in await told(owner, "inactivity")] == ["other"]


async def test_who_administers_takes_part_once_they_were_active(
    make_mentor: MakeMentor, evaluate: Evaluate
) -> None:
    for role in ("owner", "admin"):
        await make_mentor(0, role=role)
        await make_mentor(10, role=role)
    reply = await evaluate(scenario_types=["inactivity", "milestone"], now=TODAY + timedelta(days=60))
    assert reply["scenarios"] == {"inactivity": {"notified": 2}, "milestone": {"notified": 2}}


async def test_a_rule_of_its_own_holds_in_no_other_organisation(
    owner: asyncpg.Connection, make_mentor: MakeMentor, evaluate: Evaluate, people: People
) -> None:
    await configure(owner, "inactivity", organization="other", threshold=[10])
    await configure(owner, "milestone", organization="other", threshold=[3])
    await make_mentor(3, last_active=10)
    await make_mentor(3, last_active=10, organization_id=people.other_tenant)
    await evaluate()
    assert [row["organization"] for row in await told(owner, "inactivity")] == ["other"]
    assert [row["milestone_value"] for row in await told(owner, "milestone")] == [3]


async def test_a_scenario_that_an_organisation_disabled_is_left_out_there(
    owner: asyncpg.Connection, make_mentor: MakeMentor, evaluate: Evaluate, people: People
) -> None:
    await configure(owner, "inactivity", organization="other", enabled=False)
    await make_mentor(10, last_active=40)
    await make_mentor(10, last_active=40, organization_id=people.other_tenant)
    await evaluate()
    assert [row["organization"] for row in await told(owner, "inactivity")] == ["default"]
    assert [row["organization"] for row in await told(owner, "milestone")] == ["default", "other"]


async def test_a_longer_cooldown_holds_at_once_and_a_shorter_from_the_next_on(
    owner: asyncpg.Connection, make_mentor: MakeMentor, evaluate: Evaluate
) -> None:
    await make_mentor(last_active=40)
    await evaluate(scenario_types=["inactivity"])
    await configure(owner, "inactivity", cooldown=timedelta(days=50))
    found = [await evaluate(scenario_types=["inactivity"], now=TODAY + timedelta(days=49))]
    await configure(owner, "inactivity", cooldown=timedelta(hours=1))
    for hours in (29 * 24, 30 * 24, 30 * 24 + 1):
        found.append(await evaluate(scenario_types=["inactivity"], now=TODAY + timedelta(hours=hours)))
    assert [reply["scenarios"]["inactivity"] for reply in found] == [
        {"cooldown": 1},
        {"cooldown": 1},
        {"notified": 1},
        {"notified": 1},
    ]
