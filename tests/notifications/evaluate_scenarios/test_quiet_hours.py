"""In quiet hours nobody is notified; they are hours of a wall clock, over midnight and over changes of clocks."""

from __future__ import annotations

from datetime import datetime, time, timedelta

import asyncpg
import pytest

from tests.notifications.conftest import TODAY, Evaluate, MakeMentor
from tests.notifications.facts import prefer

NIGHT = (time(22), time(7))
OSLO = "Europe/Oslo"
NEW_YORK = "America/New_York"

CASES = [
    # Oslo, clocks forward: the night from 27 to 28 March 2027 has 8 hours.
    (OSLO, NIGHT, "2027-03-27T20:59:59Z", False),
    (OSLO, NIGHT, "2027-03-27T21:00:00Z", True),
    (OSLO, NIGHT, "2027-03-28T04:59:59Z", True),
    (OSLO, NIGHT, "2027-03-28T05:00:00Z", False),
    # Oslo, clocks back: the night from 30 to 31 October 2027 has 10 hours.
    (OSLO, NIGHT, "2027-10-30T19:59:59Z", False),
    (OSLO, NIGHT, "2027-10-30T20:00:00Z", True),
    (OSLO, NIGHT, "2027-10-31T05:59:59Z", True),
    (OSLO, NIGHT, "2027-10-31T06:00:00Z", False),
    # Half an hour that one night has twice, and the other not at all.
    (OSLO, (time(2, 15), time(2, 45)), "2027-10-31T00:30:00Z", True),
    (OSLO, (time(2, 15), time(2, 45)), "2027-10-31T01:00:00Z", False),
    (OSLO, (time(2, 15), time(2, 45)), "2027-10-31T01:30:00Z", True),
    (OSLO, (time(2, 15), time(2, 45)), "2027-03-28T00:59:59Z", False),
    (OSLO, (time(2, 15), time(2, 45)), "2027-03-28T01:30:00Z", False),
    # New York, clocks forward on 14 March and back on 7 November 2027.
    (NEW_YORK, NIGHT, "2027-03-14T02:59:59Z", False),
    (NEW_YORK, NIGHT, "2027-03-14T03:00:00Z", True),
    (NEW_YORK, NIGHT, "2027-03-14T10:59:59Z", True),
    (NEW_YORK, NIGHT, "2027-03-14T11:00:00Z", False),
    (NEW_YORK, NIGHT, "2027-11-07T01:59:59Z", False),
    (NEW_YORK, NIGHT, "2027-11-07T02:00:00Z", True),
    (NEW_YORK, NIGHT, "2027-11-07T11:59:59Z", True),
    (NEW_YORK, NIGHT, "2027-11-07T12:00:00Z", False),
    # Within one day.
    (OSLO, (time(9), time(17)), "2026-06-15T06:59:59Z", False),
    (OSLO, (time(9), time(17)), "2026-06-15T07:00:00Z", True),
    (OSLO, (time(9), time(17)), "2026-06-15T15:00:00Z", False),
]  # fmt: skip


@pytest.mark.parametrize("whose", ["their own", "the organisation's"])
async def test_it_is_quiet_on_the_wall_clock(
    owner: asyncpg.Connection, make_mentor: MakeMentor, evaluate: Evaluate, whose: str
) -> None:
    mentor = await make_mentor(10)
    found = []
    for timezone, quiet, at, _ in CASES:
        if whose == "their own":
            await prefer(owner, mentor, "milestone", quiet=quiet, timezone=timezone)
        else:
            await owner.execute(
                """
                insert into notifications.settings (organization_id, timezone, quiet_from, quiet_until)
                select id, $1, $2, $3 from tenants where slug = 'default'
                on conflict (organization_id) do update
                set timezone = excluded.timezone, quiet_from = excluded.quiet_from, quiet_until = excluded.quiet_until
                """,
                timezone,
                *quiet,
            )
        reply = await evaluate(scenario_types=["milestone"], now=datetime.fromisoformat(at), dry_run=True)
        found.append((timezone, quiet, at, reply["scenarios"] == {"milestone": {"quiet_hours": 1}}))
    assert found == CASES


async def test_who_was_spared_is_notified_when_the_night_is_over(
    owner: asyncpg.Connection, make_mentor: MakeMentor, evaluate: Evaluate
) -> None:
    await prefer(owner, await make_mentor(10), "milestone", quiet=NIGHT)
    midnight = TODAY.replace(hour=22)
    outcomes = [
        (await evaluate(scenario_types=["milestone"], now=midnight + timedelta(hours=hour)))["scenarios"]
        for hour in range(9)
    ]
    # 07:00 in Oslo is 05:00 UTC, seven hours after midnight there.
    assert outcomes == [*[{"milestone": {"quiet_hours": 1}}] * 7, {"milestone": {"notified": 1}}, {}]


async def test_a_decision_without_quiet_hours_has_none_whatever_the_organisation_has(
    owner: asyncpg.Connection, make_mentor: MakeMentor, evaluate: Evaluate
) -> None:
    await owner.execute(
        """
        insert into notifications.settings (organization_id, quiet_from, quiet_until)
        select id, '00:00', '23:59' from tenants where slug = 'default'
        """
    )
    decided, undecided = await make_mentor(10), await make_mentor(10)
    await prefer(owner, decided, "milestone")
    await prefer(owner, undecided, "inactivity")
    reply = await evaluate(scenario_types=["milestone"])
    assert reply["scenarios"] == {"milestone": {"notified": 1, "quiet_hours": 1}}


async def test_a_time_zone_of_their_own_moves_nobody_elses_night(
    owner: asyncpg.Connection, make_mentor: MakeMentor, evaluate: Evaluate
) -> None:
    # Noon in Oslo, 06:00 in New York.
    await prefer(owner, await make_mentor(10), "milestone", quiet=NIGHT, timezone=NEW_YORK)
    await prefer(owner, await make_mentor(10), "milestone", quiet=NIGHT)
    reply = await evaluate(scenario_types=["milestone"])
    assert reply["scenarios"] == {"milestone": {"notified": 1, "quiet_hours": 1}}
