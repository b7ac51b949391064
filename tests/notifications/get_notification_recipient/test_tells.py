"""How one person stands with the rules is told of them alone; of who left, only what happened here."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import asyncpg

from casebase.kernel.db import Database, Session
from tests.notifications.conftest import Evaluate, MakeMentor, People
from tests.support.refusals import refusal_of


async def test_what_is_due_is_theirs_alone(service: Session, make_mentor: MakeMentor) -> None:
    today = datetime.now(UTC).date()
    mentors = [await make_mentor([today - timedelta(days=n)] * 12) for n in (0, 33, 40, 50)]
    for user_id, days in zip(mentors, (0, 33, 40, 50), strict=True):
        found = await service.call("get_notification_recipient", {"user_id": user_id})
        assert found["activity_count"] == 12
        assert found["last_active_on"] == (today - timedelta(days=days)).isoformat()
        wanted = (["inactivity"] if days else []) + ["milestone"]
        assert [item["scenario_type"] for item in found["due"]] == wanted
        if days:
            assert found["due"][0]["days"] in (days, days + 1)  # Oslo's day may have begun before UTC's


async def test_devices_are_counted_and_never_shown(
    service: Session, make_mentor: MakeMentor, owner: asyncpg.Connection
) -> None:
    mentor = await make_mentor()
    for n, revoked in enumerate((None, datetime.now(UTC), None)):
        await owner.execute(
            "insert into device_tokens (user_id, token, platform, revoked_at) values ($1, $2, 'ios', $3)",
            mentor, f"secret-token-{n}", revoked,
        )  # fmt: skip
    found = await service.call("get_notification_recipient", {"user_id": mentor})
    assert found["device_count"] == 2
    assert "secret-token" not in str(found)


async def test_who_left_is_told_of_by_what_happened_here(
    service: Session, make_mentor: MakeMentor, evaluate: Evaluate, owner: asyncpg.Connection
) -> None:
    mentor = await make_mentor(12)
    await owner.execute(
        "insert into certifications (user_id, name, expires_on) values ($1, 'First aid', '2030-01-01')",
        mentor,
    )
    await evaluate()
    await owner.execute("delete from tenant_users where user_id = $1", mentor)
    found = await service.call("get_notification_recipient", {"user_id": mentor})
    assert found == {
        "user_id": str(mentor), "is_member": False, "email": None, "joined_at": None, "activity_count": 12,
        "last_active_on": found["last_active_on"], "device_count": None, "certifications": [], "preferences": [],
        "due": [],
    }  # fmt: skip


async def test_others_and_strangers_are_not_found(
    owner: asyncpg.Connection, api: Database, people: People, make_mentor: MakeMentor
) -> None:
    admin = api.session(people.admin)
    theirs = await make_mentor(organization_id=people.other_tenant)
    for user_id in (uuid4(), theirs, people.stranger.sub):
        error = await refusal_of(owner, admin, "get_notification_recipient", user_id=user_id)
        assert (error.status, error.code) == (404, "member_not_found")
