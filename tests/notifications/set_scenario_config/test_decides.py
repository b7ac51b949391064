"""A rule is decided field by field, kept in order, and holds from the next run."""

from __future__ import annotations

import asyncio
from typing import Any

import asyncpg
import pytest

from casebase.kernel.db import Session
from tests.notifications.conftest import TODAY, Evaluate, MakeMentor
from tests.support.refusals import refusal, wrong_fields


async def decide(service: Session, **payload: Any) -> dict[str, Any]:
    """Change a rule and return it as it then is."""
    reply = await service.call("set_scenario_config", {"payload": payload})
    return next(rule for rule in reply["scenarios"] if rule["scenario_type"] == payload["scenario_type"])


async def test_what_is_absent_stays(service: Session) -> None:
    await decide(service, scenario_type="inactivity", threshold=[14])
    rule = await decide(service, scenario_type="inactivity", cooldown_hours=36)
    assert rule == {
        "scenario_type": "inactivity", "enabled": True, "threshold": [14], "cooldown_hours": 36, "batch_size": 20000,
        "is_default": False, "last_run_at": None, "last_evaluated_count": None,
    }  # fmt: skip
    reply = await service.call("get_scenario_config")
    assert [r["is_default"] for r in reply["scenarios"]] == [True, False, True, True]


async def test_what_nobody_decided_goes_with_the_default(owner: asyncpg.Connection, service: Session) -> None:
    await decide(service, scenario_type="inactivity", cooldown_hours=36)
    await owner.execute(
        "update notifications.scenario_defaults set threshold = '{45}', cooldown = '3 days', batch_size = 500 "
        "where scenario_type = 'inactivity'"
    )
    rule = await decide(service, scenario_type="inactivity")
    assert (rule["threshold"], rule["cooldown_hours"], rule["batch_size"]) == ([45], 36, 500)


@pytest.mark.parametrize(
    ("scenario_type", "given", "kept"),
    [
        ("milestone", [100, 5, 50, 5], [5, 50, 100]),
        ("certification_expiry", [7, 90, 30], [90, 30, 7]),
        ("welcome_back", [3], [3]),
        ("inactivity", [366, 366], [366]),
    ],
)
async def test_a_threshold_is_kept_in_order_and_once(
    service: Session, scenario_type: str, given: list[int], kept: list[int]
) -> None:
    assert (await decide(service, scenario_type=scenario_type, threshold=given))["threshold"] == kept


async def test_it_holds_from_the_next_run(
    service: Session, make_mentor: MakeMentor, evaluate: Evaluate
) -> None:
    await make_mentor(last_active=14)
    assert (await evaluate(dry_run=True))["scenarios"] == {}
    await decide(service, scenario_type="inactivity", threshold=[14])
    assert (await evaluate(dry_run=True))["scenarios"] == {"inactivity": {"notified": 1}}
    await decide(service, scenario_type="inactivity", enabled=False)
    assert (await evaluate(now=TODAY))["scenarios"] == {}


async def test_fifty_who_decide_different_fields_all_have_their_way(service: Session) -> None:
    changes: list[dict[str, Any]] = [
        {"threshold": [21]}, {"cooldown_hours": 48}, {"batch_size": 300}, {"enabled": False}, {},
    ]  # fmt: skip
    await asyncio.gather(*(decide(service, scenario_type="inactivity", **changes[n % 5]) for n in range(50)))
    rule = await decide(service, scenario_type="inactivity")
    assert (rule["threshold"], rule["cooldown_hours"], rule["batch_size"], rule["enabled"]) == (
        [21],
        48,
        300,
        False,
    )


@pytest.mark.parametrize(
    ("field", "change"),
    [
        ("scenario_type", {"scenario_type": "birthday"}),
        ("scenario_type", {"scenario_type": None}),
        ("threshold", {"threshold": []}),
        ("threshold", {"threshold": 30}),
        ("threshold", {"threshold": [30, 60]}),
        ("threshold", {"threshold": [367]}),
        ("threshold[0]", {"threshold": [0]}),
        ("threshold[0]", {"threshold": [1.5]}),
        ("threshold", {"scenario_type": "milestone", "threshold": [*range(1, 22)]}),
        ("cooldown_hours", {"cooldown_hours": 0}),
        ("cooldown_hours", {"cooldown_hours": 8785}),
        ("batch_size", {"batch_size": 99}),
        ("enabled", {"enabled": "yes"}),
        ("organization_id", {"organization_id": "acme"}),
        ("colour", {"colour": "red"}),
    ],
)
async def test_what_is_no_rule_is_refused(
    owner: asyncpg.Connection, service: Session, field: str, change: dict[str, Any]
) -> None:
    error = await refusal(owner, service, "set_scenario_config", {"scenario_type": "inactivity", **change})
    assert wrong_fields(error) == [field]
