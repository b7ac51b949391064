"""supabase-py drives every RPC of the module over a running server, and nobody reads another's."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import asyncpg
import pytest
from postgrest.exceptions import APIError

from casebase.kernel.db import SERVICE
from tests.notifications.conftest import People
from tests.notifications.test_access import DOORS
from tests.support.supabase_client import Supabase, only_its_own_warnings, supabase

__all__ = ["supabase"]

pytestmark = only_its_own_warnings


def day(**ahead: float) -> str:
    return (datetime.now(UTC).date() + timedelta(**ahead)).isoformat()


async def test_every_rpc_is_driven(owner: asyncpg.Connection, supabase: Supabase, people: People) -> None:
    await owner.execute("update tenant_users set created_at = created_at - interval '1 year'")
    rpc, member, admin = supabase, people.member, people.admin
    organization = {"organization_id": str(people.default_tenant)}
    user_id = str(member.sub)

    # What somebody did, and wants.
    await rpc(member, "record_activities", payload={"activities": [{"activity_date": day(days=-45)}]})
    [kept] = (
        await rpc(
            member,
            "set_certifications",
            payload={"certifications": [{"name": "First aid", "expires_on": day(days=20)}]},
        )
    )["certifications"]
    assert (await rpc(member, "list_my_certifications"))[0]["certification_id"] == kept["certification_id"]
    wishes = await rpc(
        member,
        "set_notification_preferences",
        payload={"language": "nb", "preferences": [{"scenario_type": "milestone", "enabled": False}]},
    )
    assert wishes == await rpc(member, "get_notification_preferences")
    device = await rpc(member, "register_device_token", token="a-token-of-firebase", platform="ios")

    # What the organisation decides.
    rules = await rpc(
        admin, "set_scenario_config", payload={"scenario_type": "inactivity", "threshold": [40]}
    )
    assert rules == await rpc(admin, "get_scenario_config")
    settings = await rpc(admin, "set_notification_settings", payload={"timezone": "Europe/London"})
    assert settings == await rpc(admin, "get_notification_settings")
    assert len((await rpc(admin, "list_due_notifications"))["items"]) == 2
    assert set((await rpc(admin, "count_due_notifications"))["scenarios"]) == {
        "inactivity",
        "certification_expiry",
    }
    assert len((await rpc(admin, "request_scenario_evaluation", **organization))["jobs"]) == 4

    # The engine, and a service with rules of its own.
    listed = await rpc(SERVICE, "list_scenario_organizations")
    assert organization["organization_id"] in {item["organization_id"] for item in listed["items"]}
    assert (await rpc(SERVICE, "queue_scenario_evaluations", payload=organization))["queued"] == 4
    done = await rpc(SERVICE, "evaluate_scenarios", payload=organization)
    assert {name: outcome["notified"] for name, outcome in done["scenarios"].items()} == {
        "inactivity": 1,
        "certification_expiry": 1,
    }
    failed = await rpc(
        SERVICE,
        "insert_scenario_notification",
        payload={
            **organization,
            "user_id": user_id,
            "scenario_type": "milestone",
            "milestone_value": 1,
            "delivery_status": "failed",
        },
    )
    people_asked = {"user_ids": [user_id, str(uuid4())]}
    sent = await rpc(SERVICE, "list_last_sent_times", **people_asked, scenario_type="inactivity")
    assert [item["user_id"] for item in sent["items"]] == [user_id]
    since = await rpc(
        SERVICE,
        "list_sent_since_threshold",
        **people_asked,
        scenario_type="inactivity",
        cutoff=f"{day(days=-1)}T00:00:00Z",
    )
    assert since["user_ids"] == [user_id]
    records = await rpc(SERVICE, "list_milestone_records", **people_asked, milestone_value=1)
    assert [record["id"] for record in records["items"]] == [failed["id"]]
    opened = await rpc(SERVICE, "open_scenario_notification", notification_id=failed["id"])
    assert opened is None
    await rpc(SERVICE, "sweep_scenario_notifications")

    # What came of it.
    again = await rpc(admin, "resend_failed_notifications", payload={"notification_ids": [failed["id"]]})
    assert again["resent"] == [failed["id"]]
    assert len((await rpc(admin, "list_scenario_notifications", user_id=user_id))["items"]) == 3
    assert (await rpc(admin, "get_notification_recipient", user_id=user_id))["device_count"] == 1
    assert len((await rpc(admin, "list_evaluation_runs"))["items"]) == 1
    assert sum(each["pending"] for each in (await rpc(admin, "get_notification_overview"))["days"]) == 3
    first = await rpc(member, "list_my_notifications", limit=1)
    rest = await rpc(member, "list_my_notifications", before=first["next_before"], limit=50)
    bodies = {item["body"] for item in (*first["items"], *rest["items"])}
    assert len(bodies) == 3
    assert "First aid utløper om 20 dager. Forny i tide." in bodies
    one = first["items"][0]["notification_id"]
    assert (await rpc(member, "mark_notification_read", id=one))["notification_id"] == one

    # The end.
    revoked = await rpc(member, "revoke_device_token", token="a-token-of-firebase")
    assert revoked["device_id"] == device["device_id"]
    await rpc(member, "remove_certification", certification_id=kept["certification_id"])

    assert supabase.called == set(DOORS)


@pytest.mark.parametrize(
    ("who", "status", "code"),
    [("stranger", "PT404", "notification_not_found"), ("admin", "PT404", "notification_not_found")],
)
async def test_another_persons_token_opens_nothing(
    supabase: Supabase, owner: asyncpg.Connection, people: People, who: str, status: str, code: str
) -> None:
    notification_id = await owner.fetchval(
        "insert into scenario_notifications (user_id, organization_id, scenario_type) "
        "values ($1, $2, 'inactivity') returning id::text",
        people.member.sub,
        people.default_tenant,
    )
    assert len((await supabase(people.member, "list_my_notifications"))["items"]) == 1
    assert (await supabase(getattr(people, who), "list_my_notifications"))["items"] == []
    with pytest.raises(APIError) as refused:
        await supabase(getattr(people, who), "mark_notification_read", id=notification_id)
    assert (refused.value.code, refused.value.message) == (status, code)


async def test_without_a_token_nothing_is_told(supabase: Supabase) -> None:
    with pytest.raises(APIError) as refused:
        await supabase(None, "list_my_notifications")
    assert refused.value.code == "42501"
