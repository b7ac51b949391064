"""Each inactivity notice that was sent has a welcome of its own, also one written while another's was."""

from __future__ import annotations

from datetime import timedelta

import asyncpg

from tests.notifications.conftest import TODAY, Evaluate, MakeMentor


async def test_a_notice_written_in_the_run_that_welcomed_for_the_last_one(
    owner: asyncpg.Connection, make_mentor: MakeMentor, evaluate: Evaluate
) -> None:
    await owner.execute(
        "insert into scenario_evaluation_config (organization_id, scenario_type, threshold, cooldown) "
        "select t.id, c.* from tenants t, "
        "(values ('inactivity', '{1}'::int[], '1 hour'::interval), ('welcome_back', '{7}', '1 hour')) c"
    )
    mentor = await make_mentor(last_active=1)

    async def is_active_on(day: int) -> None:
        await owner.execute(
            "insert into activities (organization_id, user_id, activity_date) select id, $1, $2 from tenants",
            mentor,
            TODAY.date() + timedelta(days=day),
        )

    async def everything_is_sent() -> None:
        await owner.execute(
            "update scenario_notifications set delivery_status = 'sent', sent_at = triggered_at "
            "where delivery_status = 'pending'"
        )

    await evaluate()
    await everything_is_sent()
    await is_active_on(0)
    reply = await evaluate(now=TODAY + timedelta(days=1))
    assert reply["scenarios"] == {"inactivity": {"notified": 1}, "welcome_back": {"notified": 1}}
    await everything_is_sent()
    await is_active_on(1)
    reply = await evaluate(now=TODAY + timedelta(days=1, hours=2))
    assert reply["scenarios"] == {"welcome_back": {"notified": 1}}
    reply = await evaluate(now=TODAY + timedelta(days=1, hours=4))
    assert reply["scenarios"] == {}
