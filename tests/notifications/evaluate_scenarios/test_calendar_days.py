"""Days are counted on the calendar where somebody lives: neither a change of clocks nor a leap day moves one."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import asyncpg
import pytest

from tests.notifications.conftest import TODAY, Evaluate, MakeMentor
from tests.notifications.facts import certify, prefer


@pytest.mark.parametrize(
    ("timezone", "last_active", "due_from"),
    [
        pytest.param("Europe/Oslo", date(2027, 3, 1), "2027-03-30T22:00:00Z", id="clocks forward"),
        pytest.param("Europe/Oslo", date(2027, 10, 15), "2027-11-13T23:00:00Z", id="clocks back"),
        pytest.param("America/New_York", date(2027, 3, 1), "2027-03-31T04:00:00Z", id="clocks forward there"),
        pytest.param("America/New_York", date(2027, 10, 20), "2027-11-19T05:00:00Z", id="clocks back there"),
        pytest.param("Europe/Oslo", date(2028, 2, 15), "2028-03-15T23:00:00Z", id="leap year"),
        pytest.param("Europe/Oslo", date(2027, 2, 15), "2027-03-16T23:00:00Z", id="no leap year"),
        pytest.param("Europe/Oslo", date(2028, 2, 29), "2028-03-29T22:00:00Z", id="since the leap day"),
        pytest.param("Pacific/Kiritimati", date(2027, 5, 1), "2027-05-30T10:00:00Z", id="a day ahead"),
        pytest.param("Pacific/Pago_Pago", date(2027, 5, 1), "2027-05-31T11:00:00Z", id="behind"),
    ],
)
async def test_inactivity_is_due_from_the_thirtieth_midnight_on(
    owner: asyncpg.Connection,
    make_mentor: MakeMentor,
    evaluate: Evaluate,
    timezone: str,
    last_active: date,
    due_from: str,
) -> None:
    mentor = await make_mentor([last_active])
    await prefer(owner, mentor, "inactivity", timezone=timezone)
    midnight = datetime.fromisoformat(due_from)
    before = await evaluate(scenario_types=["inactivity"], now=midnight - timedelta(seconds=1), dry_run=True)
    after = await evaluate(scenario_types=["inactivity"], now=midnight, dry_run=True)
    assert (before["scenarios"], after["scenarios"]) == ({}, {"inactivity": {"notified": 1}})


@pytest.mark.parametrize(
    ("timezone", "expires_on", "due_from"),
    [
        pytest.param("Europe/Oslo", date(2027, 4, 1), "2027-03-24T23:00:00Z", id="clocks forward between"),
        pytest.param("Europe/Oslo", date(2027, 11, 3), "2027-10-26T22:00:00Z", id="clocks back between"),
        pytest.param("America/New_York", date(2027, 3, 15), "2027-03-08T05:00:00Z", id="forward there"),
        pytest.param("America/New_York", date(2027, 11, 9), "2027-11-02T04:00:00Z", id="back there"),
    ],
)
async def test_a_certifications_last_week_begins_at_midnight(
    owner: asyncpg.Connection,
    make_mentor: MakeMentor,
    evaluate: Evaluate,
    timezone: str,
    expires_on: date,
    due_from: str,
) -> None:
    mentor = await make_mentor([date(2027, 1, 1)])
    await certify(owner, mentor, "First aid", expires_on)
    await prefer(owner, mentor, "certification_expiry", timezone=timezone)
    midnight = datetime.fromisoformat(due_from)
    await evaluate(scenario_types=["certification_expiry"], now=midnight - timedelta(days=20))
    before = await evaluate(
        scenario_types=["certification_expiry"], now=midnight - timedelta(seconds=1), dry_run=True
    )
    after = await evaluate(scenario_types=["certification_expiry"], now=midnight, dry_run=True)
    assert (before["scenarios"], after["scenarios"]) == ({}, {"certification_expiry": {"notified": 1}})


async def test_who_never_was_active_is_counted_from_the_day_they_joined_on_where_they_live(
    owner: asyncpg.Connection, make_mentor: MakeMentor, evaluate: Evaluate
) -> None:
    # 23:30 UTC on 15 May: the 16th in Oslo, the 15th in New York.
    joined = TODAY.replace(month=5, hour=23, minute=30)
    await make_mentor(0, joined=joined)
    american = await make_mentor(0, joined=joined)
    await prefer(owner, american, "inactivity", timezone="America/New_York")
    reply = await evaluate(scenario_types=["inactivity"], now=TODAY - timedelta(days=1), dry_run=True)
    assert reply["scenarios"] == {"inactivity": {"notified": 1}}
    reply = await evaluate(scenario_types=["inactivity"], dry_run=True)
    assert reply["scenarios"] == {"inactivity": {"notified": 2}}


async def test_the_organisations_time_zone_is_for_who_has_none(
    owner: asyncpg.Connection, make_mentor: MakeMentor, evaluate: Evaluate
) -> None:
    await owner.execute(
        "insert into notifications.settings (organization_id, timezone) "
        "select id, 'Pacific/Kiritimati' from tenants where slug = 'default'"
    )
    await make_mentor(last_active=29)
    await prefer(owner, await make_mentor(last_active=29), "inactivity", timezone="Europe/Oslo")
    reply = await evaluate(scenario_types=["inactivity"])
    assert reply["scenarios"] == {"inactivity": {"notified": 1}}
