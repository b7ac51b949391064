"""``cb.notifications``: the typed client understands every answer of the RPCs, and refuses what it cannot send."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import asyncpg
import pytest
from pydantic import BaseModel

from casebase.app import Casebase
from casebase.kernel.db import Database, Session
from casebase.kernel.errors import InvalidInputError, RpcError
from casebase.kernel.runtime import Runtime
from casebase.modules.notifications.enums import DeliveryStatus, Language, Platform, ScenarioType
from casebase.modules.notifications.models import (
    Activity,
    Certification,
    NewActivities,
    NewCertifications,
    NotificationSettingsChange,
    PreferenceChange,
    PreferencesChange,
    ResendRequest,
    ScenarioConfigChange,
)
from casebase.modules.notifications.repository import ScenarioNotificationRepository
from casebase.modules.notifications.service import Client
from tests.notifications.conftest import People

TOKEN = "a-token-of-a-push-service"


@pytest.fixture
def mine(api: Database, people: People) -> Client:
    return Client(api.session(people.member))


@pytest.fixture
def admin(api: Database, people: People) -> Client:
    return Client(api.session(people.admin))


def test_the_connection_has_it_as_an_attribute(runtime: Runtime) -> None:
    assert isinstance(Casebase(runtime).notifications, Client)


async def test_a_nudges_whole_life(
    owner: asyncpg.Connection, api: Database, service: Session, mine: Client, admin: Client, people: People
) -> None:
    await owner.execute("update tenant_users set created_at = created_at - interval '1 year'")
    organization_id, member_id = people.default_tenant, people.member.sub
    assert member_id is not None
    long_ago = datetime.now(UTC).date() - timedelta(days=45)
    recorded = await mine.record_activities(
        NewActivities(activities=(Activity(activity_date=long_ago), Activity(activity_date=long_ago)))
    )
    assert (recorded.organization_id, len(recorded.activity_ids)) == (organization_id, 2)
    soon = datetime.now(UTC).date() + timedelta(days=20)
    [certification] = (
        await admin.set_certifications(
            NewCertifications(
                certifications=(Certification(user_id=member_id, name="First aid", expires_on=soon),)
            )
        )
    ).certifications
    assert (await mine.list_my_certifications())[0].certification_id == certification.certification_id

    # Who decides what.
    rules = await admin.set_config(
        ScenarioConfigChange(scenario_type=ScenarioType.INACTIVITY, threshold=(40,), cooldown_hours=720)
    )
    assert rules == await admin.get_config()
    assert {rule.threshold for rule in rules.scenarios if not rule.is_default} == {(40,)}
    settings = await admin.set_settings(NotificationSettingsChange(timezone="Europe/London"))
    assert settings == await admin.get_settings()
    wishes = await mine.set_preferences(
        PreferencesChange(
            language=Language.BOKMAL,
            preferences=(PreferenceChange(scenario_type=ScenarioType.MILESTONE, enabled=False),),
        )
    )
    assert wishes == await mine.get_preferences()
    assert (wishes.timezone, wishes.language) == ("Europe/London", Language.BOKMAL)
    device = await mine.register_device(TOKEN, Platform.ANDROID)

    # Who is due, and is told.
    due = await admin.list_due()
    assert {(item.scenario_type, item.outcome) for item in due.items} == {
        (ScenarioType.INACTIVITY, "notified"),
        (ScenarioType.CERTIFICATION_EXPIRY, "notified"),
    }
    counted = await admin.count_due()
    assert counted.looked_at_count == counted.people_count > 0
    dry = await Client(service).evaluate({"organization_id": organization_id, "dry_run": True})
    done = await Client(service).evaluate({"organization_id": organization_id})
    assert (
        counted.scenarios
        == dry.scenarios
        == done.scenarios
        == {
            ScenarioType.INACTIVITY: {"notified": 1},
            ScenarioType.CERTIFICATION_EXPIRY: {"notified": 1},
        }
    )
    [run] = (await admin.list_runs()).items
    assert (run.run_id, run.scenarios) == (done.run_ids[0], done.scenarios)
    assert len((await admin.request_evaluation(organization_id)).jobs) == 4

    # What is read of it.
    page = await mine.list_mine(limit=50)
    assert {item.body for item in page.items} == {
        "First aid utløper om 20 dager. Forny i tide.",
        "Det er 45 dager siden din siste aktivitet. Er det noe du har lyst til å gjøre denne uken?",
    }
    assert page.next_before is None
    assert (await mine.mark_read(page.items[0].notification_id)).read_at is not None
    sent = await admin.list_notifications(user_id=member_id)
    assert {item.read_at is None for item in sent.items} == {True, False}
    overview = await admin.get_overview()
    assert sum(day.pending for day in overview.days) == 2
    person = await admin.get_recipient(member_id)
    assert (person.activity_count, person.device_count) == (2, 1)

    # The end.
    assert (await mine.revoke_device(TOKEN)).device_id == device.device_id
    removed = await mine.remove_certification(certification.certification_id)
    assert removed.certification_id == certification.certification_id


async def test_failed_ones_are_sent_again(api: Database, admin: Client, people: People) -> None:
    failed = await ScenarioNotificationRepository(api).insert_notification(
        {
            "user_id": people.member.sub,
            "organization_id": people.default_tenant,
            "scenario_type": "milestone",
            "milestone_value": 10,
            "delivery_status": DeliveryStatus.FAILED,
        }
    )
    resent = await admin.resend_failed(ResendRequest(notification_ids=(failed.id,)))
    assert (resent.resent, resent.skipped, resent.is_more) == ((failed.id,), (), False)
    again = await admin.resend_failed({"notification_ids": [failed.id]})
    assert [(skip.notification_id, skip.reason) for skip in again.skipped] == [(failed.id, "not_failed")]


async def test_what_is_absent_stays_and_null_takes_away(mine: Client) -> None:
    quiet = {"scenario_type": "inactivity", "quiet_from": "22:00", "quiet_until": "07:00"}
    await mine.set_preferences({"timezone": "Asia/Tokyo", "preferences": [quiet]})
    kept = await mine.set_preferences({"preferences": [{"scenario_type": "inactivity", "enabled": False}]})
    [held] = [each for each in kept.preferences if each.scenario_type is ScenarioType.INACTIVITY]
    assert (kept.timezone, held.quiet_from, held.quiet_until) == ("Asia/Tokyo", time(22), time(7))
    assert held.model_dump(mode="json")["quiet_from"] == "22:00"
    gone = {"scenario_type": "inactivity", "quiet_from": None, "quiet_until": None}
    taken = await mine.set_preferences({"timezone": None, "preferences": [gone]})
    [held] = [each for each in taken.preferences if each.scenario_type is ScenarioType.INACTIVITY]
    assert (taken.timezone, held.quiet_from, held.enabled) == ("Europe/Oslo", None, False)


async def test_a_repeated_write_answers_as_the_first_time(mine: Client, owner: asyncpg.Connection) -> None:
    activities = {"activities": [{"kind": "visit"}]}
    answers = [await mine.record_activities(activities, idempotency_key="k1") for _ in range(2)]
    assert answers[0] == answers[1]
    assert await owner.fetchval("select count(*) from activities") == 1


@pytest.mark.parametrize(
    ("ask", "field"),
    [
        (
            lambda c: c.set_preferences({"preferences": [{"scenario_type": "x"}]}),
            "preferences.0.scenario_type",
        ),
        (lambda c: c.set_preferences({"quiet_from": "22:00"}), "quiet_from"),
        (lambda c: c.register_device("short", "ios"), "token"),
        (lambda c: c.register_device(TOKEN, "windows"), "platform"),
        (lambda c: c.record_activities({"activities": []}), "activities"),
        (lambda c: c.set_certifications({"certifications": [{"name": "x"}]}), "certifications.0.expires_on"),
        (lambda c: c.set_config({"scenario_type": "milestone", "cooldown_hours": 0}), "cooldown_hours"),
    ],
)
async def test_a_wrong_field_is_named_before_it_is_sent(mine: Client, ask: Any, field: str) -> None:
    with pytest.raises(InvalidInputError) as refused:
        await ask(mine)
    assert refused.value.detail["errors"][0]["field"] == field


async def test_a_refusal_keeps_its_code(mine: Client, people: People) -> None:
    for ask, code in (
        (mine.revoke_device(TOKEN), "device_not_found"),
        (mine.mark_read(people.default_tenant), "notification_not_found"),
        (mine.get_config(), "administrator_required"),
        (mine.get_settings(organization_id=people.other_tenant), "organization_not_found"),
    ):
        with pytest.raises(RpcError) as refused:
            await ask
        assert refused.value.code == code


def test_what_is_given_is_fixed() -> None:
    change: BaseModel = Activity(activity_date=date(2026, 6, 15))
    with pytest.raises(ValueError):
        change.kind = "visit"  # type: ignore[attr-defined]
