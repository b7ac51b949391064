"""Every run is kept with what it came to, for ninety days; the rule keeps when it ran last and on how many."""

from __future__ import annotations

from datetime import timedelta

import asyncpg

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
    assert (rule["enabled"], rule["threshold"], rule["cooldown"]) == (
        True,
        [10, 25, 50, 100, 250, 500],
        timedelta(hours=1),
    )


async def test_runs_older_than_ninety_days_go_when_another_ends(
    owner: asyncpg.Connection, evaluate: Evaluate, people: People
) -> None:
    await owner.execute(
        """
        insert into scenario_evaluation_runs (organization_id, scenario_types, evaluated_at, started_at)
        select $1, '{milestone}', casebase.now(), casebase.now() - make_interval(days => days, mins => -1)
        from unnest(array[90, 91, 120, 400]) days
        """,
        people.other_tenant,
    )
    await evaluate(organization_id=people.default_tenant)
    kept = await owner.fetch(
        "select extract(day from casebase.now() - started_at)::int as days from scenario_evaluation_runs order by 1"
    )
    assert [row["days"] for row in kept] == [0, 89]
