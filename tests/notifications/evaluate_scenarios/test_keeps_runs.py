"""Every run is kept with what it came to, for a time; the rule keeps when it ran last and on how many."""

from __future__ import annotations

from datetime import timedelta

import asyncpg

from tests.conftest import At
from tests.notifications.conftest import TODAY, Evaluate, MakeMentor, People
from tests.notifications.facts import prefer


async def test_a_run_has_its_counts_by_scenario_and_outcome(
    owner: asyncpg.Connection, make_mentor: MakeMentor, evaluate: Evaluate, people: People
) -> None:
    await make_mentor(10, last_active=40)
    await prefer(owner, await make_mentor(last_active=40), "inactivity", enabled=False)
    reply = await evaluate(organization_id=people.default_tenant)
    rows = await owner.fetch("select * from notifications.run_counts order by scenario_type, outcome")
    assert [(str(row["run_id"]), row["scenario_type"], row["outcome"], row["count"]) for row in rows] == [
        (reply["run_ids"][0], "inactivity", "notified", 1),
        (reply["run_ids"][0], "inactivity", "opted_out", 1),
        (reply["run_ids"][0], "milestone", "notified", 1),
    ]
    run = await owner.fetchrow("select * from scenario_evaluation_runs")
    assert (run["evaluated_at"], run["evaluated_count"], run["run_key"]) == (TODAY, 4, None)
    assert run["scenario_types"] == ["certification_expiry", "inactivity", "milestone", "welcome_back"]
    assert run["started_at"] <= run["finished_at"]


async def test_the_rule_keeps_its_last_run_and_is_else_as_it_was(
    owner: asyncpg.Connection, make_mentor: MakeMentor, evaluate: Evaluate, people: People
) -> None:
    await make_mentor()
    await evaluate(organization_id=people.default_tenant, scenario_types=["milestone"])
    [rule] = await owner.fetch("select * from scenario_evaluation_config")
    started_at = await owner.fetchval("select started_at from scenario_evaluation_runs")
    assert (rule["scenario_type"], rule["last_run_at"], rule["last_evaluated_count"]) == (
        "milestone",
        started_at,
        3,
    )
    assert (rule["enabled"], rule["threshold"], rule["cooldown"], rule["batch_size"]) == (
        True,
        None,
        None,
        None,
    )


async def test_a_run_is_kept_for_ninety_days_and_one_that_found_nobody_for_two(
    owner: asyncpg.Connection, make_mentor: MakeMentor, at: At, people: People
) -> None:
    async def run_after(**passed: float) -> str:
        session = (await at(TODAY + timedelta(**passed))).session()
        payload = {"organization_id": str(people.default_tenant), "scenario_types": ["milestone"]}
        [run_id] = (await session.call("evaluate_scenarios", {"payload": payload}))["run_ids"]
        return str(run_id)

    async def kept() -> list[str]:
        return [
            str(row["id"])
            for row in await owner.fetch("select id from scenario_evaluation_runs order by started_at")
        ]

    await make_mentor(10)
    told = await run_after()
    nobody = await run_after(hours=1)
    early = await run_after(hours=48)
    assert await kept() == [told, nobody, early]
    late = await run_after(days=89)
    assert await kept() == [told, late]
    last = await run_after(days=90.01)
    assert await kept() == [late, last]


async def test_a_changed_default_holds_for_who_ran_and_decided_nothing_about_it(
    owner: asyncpg.Connection, make_mentor: MakeMentor, evaluate: Evaluate, people: People
) -> None:
    await make_mentor(last_active=20)
    asked = {"organization_id": people.default_tenant, "scenario_types": ["inactivity"]}
    assert (await evaluate(**asked))["scenarios"] == {}
    await owner.execute(
        "update notifications.scenario_defaults set threshold = '{20}' where scenario_type = 'inactivity'"
    )
    assert (await evaluate(**asked))["scenarios"] == {"inactivity": {"notified": 1}}
