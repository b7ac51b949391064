"""What a worker does with a notification is decided when it is sent, not when it was written."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest

from casebase.kernel.db import Session
from tests.conftest import At
from tests.notifications.conftest import TODAY, Evaluate, MakeMentor
from tests.notifications.dispatching import notification, register
from tests.notifications.facts import be_active, certify

Opened = dict[str, Any] | None


async def opened(at: At, notification_id: UUID, moment: datetime = TODAY, **more: bool) -> Opened:
    session = (await at(moment)).session()
    reply: Opened = await session.call(
        "open_scenario_notification", {"notification_id": notification_id, **more}
    )
    return reply


@pytest.fixture
async def inactive(make_mentor: MakeMentor, evaluate: Evaluate) -> UUID:
    mentor = await make_mentor(last_active=40)
    await evaluate(scenario_types=["inactivity"])
    return mentor


async def prefer(owner: asyncpg.Connection, user_id: UUID, assignments: str) -> None:
    await owner.execute(
        "insert into notification_preferences (user_id, scenario_type) values ($1, 'inactivity')", user_id
    )
    await owner.execute(f"update notification_preferences set {assignments}")


class TestSends:
    async def test_with_words_and_devices_and_without_the_email(
        self, owner: asyncpg.Connection, at: At, inactive: UUID
    ) -> None:
        await register(owner, inactive, "token-of-a-phone", "token-of-a-tablet")
        await owner.execute("update device_tokens set revoked_at = now() where token = 'token-of-a-tablet'")
        row = await notification(owner)
        reply = await opened(at, row["id"])
        assert reply is not None
        assert reply["decision"] == "send"
        message = reply["message"]
        assert message["key"] == str(row["id"])
        assert (message["user_id"], message["scenario_type"]) == (str(inactive), "inactivity")
        assert message["devices"] == [{"token": "token-of-a-phone", "platform": "android"}]
        assert message["email"] is None
        assert (message["language"], message["title"]) == ("en", "We miss you")
        assert "40 days" in message["body"]

    async def test_with_the_email_where_it_is_asked_for(
        self, owner: asyncpg.Connection, at: At, inactive: UUID
    ) -> None:
        reply = await opened(at, (await notification(owner))["id"], with_email=True)
        assert reply is not None
        email = await owner.fetchval("select email from auth.users where id = $1", inactive)
        assert reply["message"]["email"] == email

    @pytest.mark.parametrize("decided_by", ["person", "organisation"])
    async def test_in_the_language_of_its_person_else_of_the_organisation(
        self, owner: asyncpg.Connection, at: At, inactive: UUID, decided_by: str
    ) -> None:
        await owner.execute(
            "insert into notifications.settings (organization_id, language) select id, $1 from tenants",
            "nb" if decided_by == "organisation" else "en",
        )
        if decided_by == "person":
            await prefer(owner, inactive, "language = 'nb'")
        reply = await opened(at, (await notification(owner))["id"])
        assert reply is not None
        assert (reply["message"]["language"], reply["message"]["title"]) == ("nb", "Vi savner deg")

    async def test_until_it_is_seven_days_old(
        self, owner: asyncpg.Connection, at: At, inactive: UUID
    ) -> None:
        reply = await opened(at, (await notification(owner))["id"], TODAY + timedelta(days=6, hours=23))
        assert reply is not None
        assert reply["decision"] == "send"

    async def test_with_the_days_of_its_moment(
        self, owner: asyncpg.Connection, at: At, make_mentor: MakeMentor, evaluate: Evaluate
    ) -> None:
        away, certified = await make_mentor(last_active=40), await make_mentor()
        await certify(owner, certified, "First aid", TODAY.date() + timedelta(days=7))
        await evaluate(scenario_types=["inactivity", "certification_expiry"])
        for mentor, days, said in [
            (away, 0, "40 days since"),
            (away, 3, "43 days since"),
            (certified, 0, "First aid expires in 7 days"),
            (certified, 6, "First aid expires in 1 day."),
        ]:
            row = await notification(owner, mentor)
            reply = await opened(at, row["id"], TODAY + timedelta(days=days))
            assert reply is not None
            assert said in reply["message"]["body"]

    async def test_a_milestone_whatever_the_person_did_since(
        self, owner: asyncpg.Connection, at: At, make_mentor: MakeMentor, evaluate: Evaluate
    ) -> None:
        mentor = await make_mentor(10)
        await evaluate(scenario_types=["milestone"])
        await be_active(owner, mentor, TODAY.date())
        reply = await opened(at, (await notification(owner))["id"], TODAY + timedelta(days=6))
        assert reply is not None
        assert "10 activities" in reply["message"]["body"]


class TestSkips:
    async def test_who_opted_out_meanwhile(self, owner: asyncpg.Connection, at: At, inactive: UUID) -> None:
        await prefer(owner, inactive, "enabled = false")
        reply = await opened(at, (await notification(owner))["id"])
        assert reply == {"decision": "skip", "skip_reason": "opted_out"}

    async def test_who_left_meanwhile(self, owner: asyncpg.Connection, at: At, inactive: UUID) -> None:
        await owner.execute("delete from tenant_users where user_id = $1", inactive)
        reply = await opened(at, (await notification(owner))["id"])
        assert reply == {"decision": "skip", "skip_reason": "left_organization"}

    async def test_what_waited_for_more_than_seven_days(
        self, owner: asyncpg.Connection, at: At, inactive: UUID
    ) -> None:
        reply = await opened(at, (await notification(owner))["id"], TODAY + timedelta(days=7, minutes=1))
        assert reply == {"decision": "skip", "skip_reason": "expired"}

    async def test_a_milestone_that_waited_for_more_than_seven_days(
        self, owner: asyncpg.Connection, at: At, make_mentor: MakeMentor, evaluate: Evaluate
    ) -> None:
        await make_mentor(10)
        await evaluate(scenario_types=["milestone"])
        reply = await opened(at, (await notification(owner))["id"], TODAY + timedelta(days=7, minutes=1))
        assert reply == {"decision": "skip", "skip_reason": "expired"}

    async def test_who_was_active_meanwhile(self, owner: asyncpg.Connection, at: At, inactive: UUID) -> None:
        await be_active(owner, inactive, TODAY.date() + timedelta(days=2))
        reply = await opened(at, (await notification(owner))["id"], TODAY + timedelta(days=3))
        assert reply == {"decision": "skip", "skip_reason": "outdated"}

    @pytest.mark.parametrize(("renewed_by", "waited"), [(365, 1), (0, 6)])
    async def test_of_a_certification_that_was_renewed_or_expired_meanwhile(
        self,
        owner: asyncpg.Connection,
        at: At,
        make_mentor: MakeMentor,
        evaluate: Evaluate,
        renewed_by: int,
        waited: int,
    ) -> None:
        mentor = await make_mentor()
        expires_on = TODAY.date() + timedelta(days=5)
        await certify(owner, mentor, "First aid", expires_on)
        await evaluate(scenario_types=["certification_expiry"])
        await certify(owner, mentor, "First aid", expires_on + timedelta(days=renewed_by))
        reply = await opened(at, (await notification(owner))["id"], TODAY + timedelta(days=waited))
        assert reply == {"decision": "skip", "skip_reason": "outdated"}


class TestPutsOff:
    async def test_until_the_persons_quiet_hours_end(
        self, owner: asyncpg.Connection, at: At, inactive: UUID
    ) -> None:
        await prefer(
            owner, inactive, "quiet_from = '22:00', quiet_until = '07:00', timezone = 'America/New_York'"
        )
        night = TODAY.replace(hour=3)  # 23:00 the evening before, in New York
        reply = await opened(at, (await notification(owner))["id"], night)
        assert reply is not None
        assert reply["decision"] == "put_off"
        assert datetime.fromisoformat(reply["until"]) == TODAY.replace(hour=11)

    async def test_until_the_organisations_quiet_hours_end_where_nobody_decided(
        self, owner: asyncpg.Connection, at: At, inactive: UUID
    ) -> None:
        await owner.execute(
            "insert into notifications.settings (organization_id, quiet_from, quiet_until)"
            " select id, '11:00', '13:30' from tenants"
        )
        reply = await opened(at, (await notification(owner))["id"])  # noon in Oslo
        assert reply is not None
        assert reply["decision"] == "put_off"
        assert datetime.fromisoformat(reply["until"]) == TODAY.replace(hour=11, minute=30)

    async def test_to_the_wall_clocks_morning_in_the_night_in_which_clocks_change(
        self, owner: asyncpg.Connection, at: At, make_mentor: MakeMentor, evaluate: Evaluate
    ) -> None:
        evening = datetime.fromisoformat("2026-10-24T20:30:00+00:00")  # 22:30 in Oslo, summer time
        mentor = await make_mentor()
        await evaluate(scenario_types=["inactivity"], now=evening)
        await prefer(owner, mentor, "quiet_from = '22:00', quiet_until = '07:00'")
        reply = await opened(at, (await notification(owner))["id"], evening)
        assert reply is not None
        assert datetime.fromisoformat(reply["until"]) == datetime.fromisoformat("2026-10-25T07:00:00+01:00")


@pytest.mark.parametrize("status", ["sent", "failed"])
async def test_what_is_not_pending_is_not_opened(
    owner: asyncpg.Connection, service: Session, inactive: UUID, status: str
) -> None:
    await owner.execute(
        "update scenario_notifications set delivery_status = $1, sent_at = case $1 when 'sent' then now() end",
        status,
    )
    row = await notification(owner, inactive)
    assert await service.call("open_scenario_notification", {"notification_id": row["id"]}) is None


async def test_what_does_not_exist_is_not_opened(service: Session) -> None:
    assert await service.call("open_scenario_notification", {"notification_id": uuid4()}) is None
