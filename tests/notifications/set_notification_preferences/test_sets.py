"""Who decides one thing changes that alone; what they never decided stays their organisation's."""

from __future__ import annotations

import asyncio
from typing import Any

import asyncpg
import pytest

from casebase.kernel.db import Database, Session
from tests.notifications.conftest import People

QUIET = {"quiet_from": "22:00", "quiet_until": "07:00"}


@pytest.fixture
def mine(api: Database, people: People) -> Session:
    return api.session(people.member)


@pytest.fixture
async def organisation(owner: asyncpg.Connection, people: People) -> None:
    await owner.execute(
        "insert into notifications.settings (organization_id, timezone, language, quiet_from, quiet_until) "
        "values ($1, 'Europe/London', 'nb', '21:00', '06:30')",
        people.default_tenant,
    )


async def decide(session: Session, **payload: Any) -> dict[str, Any]:
    """Set preferences and return them by scenario, with what is of all of them."""
    answer = await session.call("set_notification_preferences", {"payload": payload})
    assert await session.call("get_notification_preferences") == answer
    by_type = {entry.pop("scenario_type"): entry for entry in answer.pop("preferences")}
    return {**answer, **by_type}


async def test_nobody_has_decided_anything_at_first(mine: Session) -> None:
    answer = await mine.call("get_notification_preferences")
    plain = {"enabled": True, "quiet_from": None, "quiet_until": None, "is_own": False}
    scenarios = ("certification_expiry", "inactivity", "milestone", "welcome_back")
    assert answer == {
        "timezone": "Europe/Oslo",
        "language": "en",
        "preferences": [{"scenario_type": scenario, **plain} for scenario in scenarios],
    }


@pytest.mark.usefixtures("organisation")
async def test_then_the_organisation_decides(mine: Session) -> None:
    held = await decide(mine)
    assert (held["timezone"], held["language"]) == ("Europe/London", "nb")
    assert held["inactivity"] == {
        "enabled": True,
        "quiet_from": "21:00",
        "quiet_until": "06:30",
        "is_own": False,
    }


@pytest.mark.usefixtures("organisation")
async def test_switching_off_one_keeps_its_hours_and_the_others(
    owner: asyncpg.Connection, mine: Session
) -> None:
    held = await decide(mine, preferences=[{"scenario_type": "inactivity", "enabled": False}])
    quiet = {"quiet_from": "21:00", "quiet_until": "06:30"}
    assert held["inactivity"] == {"enabled": False, **quiet, "is_own": True}
    assert held["milestone"] == {"enabled": True, **quiet, "is_own": False}
    assert await owner.fetchval("select count(*) from notification_preferences") == 1


@pytest.mark.usefixtures("organisation")
async def test_a_time_zone_is_of_every_scenario_and_keeps_its_hours(mine: Session) -> None:
    await decide(mine, preferences=[{"scenario_type": "milestone", **QUIET}])
    held = await decide(mine, timezone="America/New_York", language="en")
    assert (held["timezone"], held["language"]) == ("America/New_York", "en")
    assert held["milestone"] == {"enabled": True, **QUIET, "is_own": True}
    assert held["inactivity"] == {
        "enabled": True,
        "quiet_from": "21:00",
        "quiet_until": "06:30",
        "is_own": True,
    }


@pytest.mark.usefixtures("organisation")
async def test_a_scenario_decided_later_has_ones_own_time_zone(
    owner: asyncpg.Connection, mine: Session
) -> None:
    await decide(mine, timezone="America/New_York")
    await owner.execute("delete from notification_preferences where scenario_type = 'milestone'")
    await decide(mine, preferences=[{"scenario_type": "milestone", "enabled": False}])
    zones = await owner.fetchval("select array_agg(distinct timezone) from notification_preferences")
    assert zones == ["America/New_York"]


@pytest.mark.usefixtures("organisation")
async def test_null_gives_back_and_takes_away(mine: Session) -> None:
    await decide(mine, timezone="America/New_York", language="en")
    gone = {"scenario_type": "inactivity", "quiet_from": None, "quiet_until": None}
    held = await decide(mine, timezone=None, language=None, preferences=[gone])
    assert (held["timezone"], held["language"]) == ("Europe/London", "nb")
    assert held["inactivity"] == {"enabled": True, "quiet_from": None, "quiet_until": None, "is_own": True}


async def test_null_of_who_decided_nothing_decides_nothing(owner: asyncpg.Connection, mine: Session) -> None:
    await decide(mine, timezone=None, language=None, preferences=None)
    assert await owner.fetchval("select count(*) from notification_preferences") == 0


async def test_one_hour_may_be_changed_alone(mine: Session) -> None:
    await decide(mine, preferences=[{"scenario_type": "inactivity", **QUIET}])
    held = await decide(mine, preferences=[{"scenario_type": "inactivity", "quiet_until": "08:15"}])
    assert (held["inactivity"]["quiet_from"], held["inactivity"]["quiet_until"]) == ("22:00", "08:15")


async def test_who_belongs_to_no_organisation_decides_too(api: Database, people: People) -> None:
    held = await decide(api.session(people.stranger), language="nb")
    assert held["language"] == "nb"


async def test_nobody_elses_change(
    owner: asyncpg.Connection, api: Database, mine: Session, people: People
) -> None:
    before = await api.session(people.admin).call("get_notification_preferences")
    await decide(mine, timezone="Asia/Tokyo", preferences=[{"scenario_type": "milestone", "enabled": False}])
    assert await api.session(people.admin).call("get_notification_preferences") == before
    assert await owner.fetchval("select array_agg(distinct user_id) from notification_preferences") == [
        people.member.sub
    ]


async def test_fifty_who_set_another_scenario_all_have_their_way(mine: Session) -> None:
    scenarios = ("certification_expiry", "inactivity", "milestone", "welcome_back")
    await asyncio.gather(
        *(
            mine.call(
                "set_notification_preferences",
                {
                    "payload": {
                        "preferences": [{"scenario_type": scenarios[n % 4], "enabled": False}],
                        **({"language": "nb"} if n == 7 else {}),
                    }
                },
            )
            for n in range(50)
        )
    )
    held = await decide(mine)
    assert held["language"] == "nb"
    assert [held[scenario]["enabled"] for scenario in scenarios] == [False] * 4
