"""What a period's people were told is counted by day and scenario, and whom the last run of a day held back by reason."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import asyncpg
import pytest

from casebase.kernel.db import Session
from tests.notifications.conftest import TODAY, Evaluate, MakeMentor
from tests.support.refusals import refusal_of, wrong_fields

PERIOD = {"from_day": TODAY.date() - timedelta(days=6), "to_day": TODAY.date() + timedelta(days=40)}


async def test_by_day_scenario_and_outcome(
    service: Session, make_mentor: MakeMentor, evaluate: Evaluate, owner: asyncpg.Connection
) -> None:
    told = [await make_mentor(12, last_active=30) for _ in range(3)]
    await evaluate(scenario_types=["inactivity", "milestone"])
    await owner.execute(
        "update scenario_notifications set delivery_status = 'sent', sent_at = triggered_at, read_at = triggered_at "
        "where user_id = $1",
        told[0],
    )
    await owner.execute(
        "update scenario_notifications set delivery_status = 'failed' where user_id = $1", told[1]
    )
    await evaluate(scenario_types=["inactivity"], now=TODAY + timedelta(days=30))
    found = await service.call("get_notification_overview", PERIOD)
    first = {"day": TODAY.date().isoformat(), "sent": 1, "pending": 1, "failed": 1, "read": 1}
    again = {
        "day": (TODAY.date() + timedelta(days=30)).isoformat(),
        "sent": 0,
        "pending": 3,
        "failed": 0,
        "read": 0,
    }
    assert found["days"] == [
        {**first, "scenario_type": "inactivity"},
        {**first, "scenario_type": "milestone"},
        {**again, "scenario_type": "inactivity"},
    ]
    assert found["people_count"] == 3


async def test_a_day_is_the_organisations(
    service: Session, make_mentor: MakeMentor, evaluate: Evaluate
) -> None:
    await make_mentor(12)
    await evaluate(scenario_types=["milestone"], now=TODAY.replace(hour=22, minute=30))
    for timezone, day in (("Europe/Oslo", "2026-06-16"), ("America/New_York", "2026-06-15")):
        await service.call("set_notification_settings", {"payload": {"timezone": timezone}})
        found = await service.call("get_notification_overview", PERIOD)
        assert (found["timezone"], [item["day"] for item in found["days"]]) == (timezone, [day])
        on_the_day = {"from_day": date.fromisoformat(day), "to_day": date.fromisoformat(day)}
        assert (await service.call("get_notification_overview", on_the_day))["people_count"] == 1


async def test_of_hourly_runs_the_last_of_a_day_speaks(
    service: Session, make_mentor: MakeMentor, evaluate: Evaluate
) -> None:
    for _ in range(2):
        await make_mentor(last_active=30)
    for _ in range(4):
        await evaluate(scenario_types=["inactivity"])
    found = await service.call("get_notification_overview")
    assert [(item["scenario_type"], item["outcome"], item["count"]) for item in found["held"]] == [
        ("inactivity", "cooldown", 2)
    ]
    assert found["last_run"]["scenario_types"] == ["inactivity"]
    assert found["last_run"]["evaluated_count"] == 2


async def test_a_later_run_that_found_nobody_says_nothing(
    owner: asyncpg.Connection, service: Session, make_mentor: MakeMentor, evaluate: Evaluate
) -> None:
    """It is soon forgotten, and what a day looks like must not change by that."""
    mentor = await make_mentor(last_active=30)
    for _ in range(2):
        await evaluate(scenario_types=["inactivity"])
    await owner.execute("delete from tenant_users where user_id = $1", mentor)
    await evaluate(scenario_types=["inactivity"])
    found = await service.call("get_notification_overview")
    assert [(item["outcome"], item["count"]) for item in found["held"]] == [("cooldown", 1)]


async def test_nothing_is_counted_where_nothing_happened(service: Session) -> None:
    found = await service.call("get_notification_overview", PERIOD)
    assert (found["people_count"], found["days"], found["held"], found["last_run"]) == (0, [], [], None)


@pytest.mark.parametrize(
    ("first", "last"),
    [
        (date(2026, 6, 2), date(2026, 6, 1)),
        (date(2026, 1, 1), date(2027, 1, 3)),
        (date(1999, 12, 31), date(2000, 1, 1)),
        (date(2200, 1, 1), date(2200, 1, 1)),
    ],
)
async def test_no_period_is_refused(
    owner: asyncpg.Connection, service: Session, first: date, last: date
) -> None:
    period: dict[str, Any] = {"from_day": first, "to_day": last}
    assert wrong_fields(await refusal_of(owner, service, "get_notification_overview", **period)) == ["to_day"]
