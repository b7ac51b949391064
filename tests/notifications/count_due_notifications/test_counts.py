"""What an evaluation would do is counted as it then does, and nothing is written."""

from __future__ import annotations

from datetime import UTC, datetime

import asyncpg

from casebase.kernel.db import Database, Session
from tests.notifications.conftest import TODAY, Evaluate, MakeMentor, People
from tests.support.rows import all_rows


async def test_it_is_what_an_evaluation_then_does(
    api: Database,
    service: Session,
    evaluate: Evaluate,
    make_mentor: MakeMentor,
    owner: asyncpg.Connection,
    people: People,
) -> None:
    for last_active in (400, 400, 0):
        await make_mentor(12, last_active=(datetime.now(UTC) - TODAY).days * -1 + last_active)
    opted_out = await make_mentor(1, last_active=400)
    await owner.execute(
        "insert into notification_preferences (user_id, scenario_type, enabled) values ($1, 'inactivity', false)",
        opted_out,
    )
    await service.call(
        "set_scenario_config", {"payload": {"scenario_type": "welcome_back", "enabled": False}}
    )
    before = await all_rows(owner)
    counted = await api.session(people.admin).call("count_due_notifications")
    assert await all_rows(owner) == before
    assert counted["organization_id"] == str(people.default_tenant)
    assert counted["scenario_types"] == ["certification_expiry", "inactivity", "milestone"]
    # The mentors, a member and an administrator.
    assert counted["looked_at_count"] == counted["people_count"] == 6
    assert counted["scenarios"]["inactivity"]["opted_out"] == 1
    assert counted["scenarios"]["milestone"] == {"notified": 3}
    done = await evaluate(now=datetime.now(UTC), organization_id=people.default_tenant)
    assert done["scenarios"] == counted["scenarios"]
    again = await service.call("count_due_notifications", {"organization_id": people.default_tenant})
    assert "notified" not in again["scenarios"]["inactivity"]
    assert "milestone" not in again["scenarios"]
