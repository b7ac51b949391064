"""Who is deleted while they are evaluated is left out, and costs nobody else their notification."""

from __future__ import annotations

import asyncio

import asyncpg
import pytest

from casebase.kernel.db import Session
from tests.notifications.conftest import TODAY, MakeMentor
from tests.notifications.facts import certify, told
from tests.support.waiting import locks_awaited


@pytest.mark.parametrize("gone", ["account", "certification"])
async def test_what_goes_between_look_and_write_is_left_out(
    owner: asyncpg.Connection, database: str, service: Session, make_mentor: MakeMentor, gone: str
) -> None:
    going, *staying = [await make_mentor() for _ in range(3)]
    for mentor in (going, *staying):
        await certify(owner, mentor, "First aid", TODAY.date())

    door = await asyncpg.connect(database)
    try:
        async with door.transaction():
            if gone == "account":
                await door.execute("delete from auth.users where id = $1", going)
            else:
                await door.execute("delete from certifications where user_id = $1", going)
            payload = {"now": TODAY.isoformat(), "scenario_types": ["certification_expiry"]}
            run = asyncio.create_task(service.call("evaluate_scenarios", {"payload": payload}))
            await locks_awaited(owner)
    finally:
        await door.close()
    assert (await run)["scenarios"] == {"certification_expiry": {"notified": 2}}
    assert {row["user_id"] for row in await told(owner, "certification_expiry")} == set(staying)
