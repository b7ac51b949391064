"""Who writes a notification by hand is held to what the rules are held to, and a pending one is queued with it."""

from __future__ import annotations

import asyncio
import json
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest

from casebase.kernel.db import ANON, Database, Session
from casebase.kernel.errors import RpcError
from tests.notifications.conftest import TODAY, Evaluate, MakeMentor, People
from tests.notifications.facts import certify
from tests.support.refusals import refusal, wrong_fields
from tests.support.waiting import locks_awaited


@pytest.fixture
async def mentor(make_mentor: MakeMentor) -> UUID:
    return await make_mentor(10, last_active=40)


@pytest.fixture
def notification(people: People, mentor: UUID) -> dict[str, Any]:
    return {
        "user_id": str(mentor),
        "organization_id": str(people.default_tenant),
        "scenario_type": "inactivity",
        "triggered_at": TODAY.isoformat(),
        "metadata": {"days": 40},
    }


async def insert(service: Session, notification: dict[str, Any], **changes: Any) -> dict[str, Any]:
    row: dict[str, Any] = await service.call(
        "insert_scenario_notification", {"payload": notification | changes}
    )
    return row


async def jobs(owner: asyncpg.Connection) -> list[str]:
    rows = await owner.fetch("select message ->> 'notification_id' as id from pgmq.q_notifications_dispatch")
    return [row["id"] for row in rows]


async def test_a_pending_one_is_queued(
    owner: asyncpg.Connection, service: Session, notification: dict[str, Any]
) -> None:
    row = await insert(service, notification)
    assert (row["delivery_status"], row["metadata"]) == ("pending", {"days": 40})
    assert await jobs(owner) == [row["id"]]


@pytest.mark.parametrize("status", ["sent", "failed"])
async def test_what_was_sent_elsewhere_is_kept_alone(
    owner: asyncpg.Connection, service: Session, notification: dict[str, Any], status: str
) -> None:
    row = await insert(service, notification, delivery_status=status)
    assert row["sent_at"] == (row["triggered_at"] if status == "sent" else None)
    assert await jobs(owner) == []


async def test_the_rules_leave_who_got_one_alone(
    service: Session, notification: dict[str, Any], evaluate: Evaluate
) -> None:
    await insert(service, notification)
    answer = await evaluate(scenario_types=["inactivity"], now=TODAY + timedelta(days=1))
    assert answer["scenarios"]["inactivity"] == {"cooldown": 1}


@pytest.fixture
async def reminder(owner: asyncpg.Connection, people: People, mentor: UUID) -> dict[str, Any]:
    """A notification that tells of a certification as the rules would."""
    expires_on = TODAY.date() + timedelta(days=30)
    certification = await certify(owner, mentor, "First aid", expires_on)
    told = {"id": str(certification), "expires_on": str(expires_on), "stage": 30, "days": 30}
    return {
        "user_id": str(mentor),
        "organization_id": str(people.default_tenant),
        "scenario_type": "certification_expiry",
        "triggered_at": TODAY.isoformat(),
        "metadata": {"days": 30, "certifications": [told, told]},
    }


class TestReminder:
    @pytest.mark.parametrize(
        ("status", "outcome"), [("pending", {}), ("sent", {}), ("failed", {"notified": 1})]
    )
    async def test_what_it_told_of_a_certification_the_rules_tell_no_more(
        self,
        service: Session,
        reminder: dict[str, Any],
        evaluate: Evaluate,
        status: str,
        outcome: dict[str, int],
    ) -> None:
        await insert(service, reminder, delivery_status=status)
        answer = await evaluate(scenario_types=["certification_expiry"], now=TODAY + timedelta(days=2))
        assert answer["scenarios"].get("certification_expiry", {}) == outcome

    async def test_what_was_told_is_not_told_again(
        self, owner: asyncpg.Connection, service: Session, reminder: dict[str, Any], evaluate: Evaluate
    ) -> None:
        await evaluate(scenario_types=["certification_expiry"])
        later = {**reminder, "triggered_at": (TODAY + timedelta(days=2)).isoformat()}
        error = await refusal(owner, service, "insert_scenario_notification", later)
        assert (error.status, error.code) == (409, "certification_already_told")
        assert error.detail["field"] == "metadata.certifications"

    async def test_rules_that_look_at_the_same_moment_wait_for_it(
        self,
        owner: asyncpg.Connection,
        database: str,
        reminder: dict[str, Any],
        evaluate: Evaluate,
    ) -> None:
        # Long ago, so that no cooldown keeps the two apart.
        earlier = {**reminder, "triggered_at": (TODAY - timedelta(days=20)).isoformat()}
        writer = await asyncpg.connect(database)
        try:
            async with writer.transaction():
                await writer.execute("select public.insert_scenario_notification($1)", json.dumps(earlier))
                running = asyncio.create_task(evaluate(scenario_types=["certification_expiry"]))
                await locks_awaited(owner)
        finally:
            await writer.close()
        assert (await running)["scenarios"] == {}

    async def test_what_is_no_reminder_is_kept_as_it_is(
        self, service: Session, reminder: dict[str, Any]
    ) -> None:
        for days, certifications in enumerate(
            ("all", [7, None, {"id": 1}], [{"id": str(uuid4()), "stage": 30}])
        ):
            moment = (TODAY + timedelta(days=2 * days)).isoformat()
            row = await insert(
                service, reminder, triggered_at=moment, metadata={"certifications": certifications}
            )
            assert row["metadata"] == {"certifications": certifications}


class TestRefusal:
    async def test_inside_a_cooldown(
        self, owner: asyncpg.Connection, service: Session, notification: dict[str, Any]
    ) -> None:
        await insert(service, notification)
        for days in (-29, 0, 29):
            moved = {**notification, "triggered_at": (TODAY + timedelta(days=days)).isoformat()}
            error = await refusal(owner, service, "insert_scenario_notification", moved)
            assert (error.status, error.code) == (409, "cooldown_active")
        await insert(service, notification, triggered_at=(TODAY + timedelta(days=30)).isoformat())

    async def test_of_a_milestone_that_was_written(
        self, owner: asyncpg.Connection, service: Session, notification: dict[str, Any]
    ) -> None:
        milestone = {**notification, "scenario_type": "milestone", "milestone_value": 10, "metadata": None}
        await insert(service, milestone, delivery_status="failed")
        later = {**milestone, "triggered_at": (TODAY + timedelta(days=90)).isoformat()}
        error = await refusal(owner, service, "insert_scenario_notification", later)
        assert (error.status, error.code) == (409, "milestone_already_written")

    @pytest.mark.parametrize(
        ("changes", "field"),
        [
            ({"user_id": None}, "user_id"),
            ({"organization_id": None}, "organization_id"),
            ({"scenario_type": "birthday"}, "scenario_type"),
            ({"scenario_type": "milestone"}, "milestone_value"),
            ({"milestone_value": 10}, "milestone_value"),
            ({"scenario_type": "milestone", "milestone_value": 0}, "milestone_value"),
            ({"delivery_status": "read"}, "delivery_status"),
            ({"triggered_at": "1999-12-31T00:00:00Z"}, "triggered_at"),
            ({"triggered_at": "2026-06-15 12:00"}, "triggered_at"),
            ({"metadata": []}, "metadata"),
            ({"metadata": {"text": "x" * 8000}}, "metadata"),
            ({"metadata": {"days": "many"}}, "metadata.days"),
            ({"metadata": {"days": -1}}, "metadata.days"),
            ({"metadata": {"days": 1.5}}, "metadata.days"),
            ({"metadata": {"to": "kari@example.no"}}, "metadata"),
            ({"metadata": {"call": "+47 412 34 567"}}, "metadata"),
            ({"read_at": "2026-06-15T12:00:00Z"}, "read_at"),
        ],
    )
    async def test_names_the_wrong_field(
        self,
        owner: asyncpg.Connection,
        service: Session,
        notification: dict[str, Any],
        changes: dict[str, Any],
        field: str,
    ) -> None:
        error = await refusal(owner, service, "insert_scenario_notification", notification | changes)
        assert wrong_fields(error) == [field]

    async def test_of_who_is_no_member(
        self, owner: asyncpg.Connection, service: Session, notification: dict[str, Any], people: People
    ) -> None:
        for changes, code in (
            ({"user_id": str(people.other_member.sub)}, "member_not_found"),
            ({"user_id": str(uuid4())}, "member_not_found"),
            ({"organization_id": str(uuid4())}, "organization_not_found"),
        ):
            error = await refusal(owner, service, "insert_scenario_notification", notification | changes)
            assert (error.status, error.code) == (404, code)

    async def test_of_people(
        self, owner: asyncpg.Connection, api: Database, notification: dict[str, Any], people: People
    ) -> None:
        for who in (people.admin, people.member, ANON):
            error = await refusal(owner, api.session(who), "insert_scenario_notification", notification)
            assert (error.status, error.code) == (403, "forbidden")


async def test_of_fifty_at_once_one_is_written(
    owner: asyncpg.Connection, service: Session, notification: dict[str, Any]
) -> None:
    async def attempt(n: int) -> str:
        moment = TODAY + timedelta(minutes=n)
        try:
            await insert(service, notification, triggered_at=moment.isoformat())
        except RpcError as error:
            return str(error.code)
        return "written"

    outcomes = await asyncio.gather(*(attempt(n) for n in range(50)))
    assert sorted(outcomes) == ["cooldown_active"] * 49 + ["written"]
    assert len(await jobs(owner)) == 1
