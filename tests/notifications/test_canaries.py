"""Canaries: somebody's e-mail, telephone and device; a search of every column finds each in its home alone."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg
import pytest

from casebase.kernel.db import Database, Session
from casebase.kernel.errors import CasebaseError
from casebase.kernel.guard.leaks import scan
from casebase.kernel.runtime import Runtime
from tests.notifications.conftest import People
from tests.notifications.dispatching import work

EMAIL = "xanthippe@quag.example"
TOKEN = "quagmorton-token-of-a-push-service"
PHONE = "+47 412 34 567"
ACCOUNT = {"auth.users.email", "public.profiles.email"}
"""The home of an e-mail, and the copy that practice keeps with it."""


def inputs(people: People, text: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every RPC that takes in a text, with ``text`` in each of its fields that is free."""
    organization = {"organization_id": str(people.default_tenant)}
    user = {"user_id": str(people.member.sub)}

    def call(function: str, **payload: Any) -> tuple[str, dict[str, Any]]:
        return function, {"payload": payload}

    yield call("record_activities", activities=[{**user, "kind": text}])
    yield call("set_certifications", certifications=[{**user, "name": text, "expires_on": "2027-01-01"}])
    for fields in ({"timezone": text}, {"language": text}, {text: text}):
        yield call("set_notification_preferences", **fields)
        yield call("set_notification_settings", **organization, **fields)
    yield call("set_scenario_config", scenario_type=text)
    for metadata in ({"note": text}, {text: 1}, {"deep": [{"er": text}]}):
        yield call(
            "insert_scenario_notification",
            **organization,
            **user,
            scenario_type="welcome_back",
            metadata=metadata,
        )
    yield call("evaluate_scenarios", **organization, scenario_types=[text])
    yield "revoke_device_token", {"token": text + "?"}
    yield "register_device_token", {"token": TOKEN, "platform": text}
    yield "list_last_sent_times", {"user_ids": [], "scenario_type": text}
    yield "list_scenario_notifications", {**organization, "cursor": text}


@pytest.mark.parametrize("text", [EMAIL, PHONE])
async def test_is_refused_wherever_it_is_written(
    owner: asyncpg.Connection, database: str, api: Database, service: Session, people: People, text: str
) -> None:
    await owner.execute("update auth.users set email = $2 where id = $1", people.member.sub, EMAIL)
    for number, (function, arguments) in enumerate(inputs(people, text)):
        for session in (api.session(people.member), api.session(people.admin), service):
            with pytest.raises(CasebaseError) as refused:
                await session.call(function, arguments, idempotency_key=f"k{number}")
            error = refused.value
            named = [entry["field"] for entry in error.detail.get("errors", ()) if entry["rule"] == "unknown"]
            # A field that is not known is named as it was given; no value is.
            assert named == [text] or text not in json.dumps(
                [error.message, error.detail, error.hint], ensure_ascii=False
            )
    assert await places(database, text) == (ACCOUNT if text == EMAIL else set())


async def test_is_found_in_its_home_alone_however_far_a_nudge_went(
    owner: asyncpg.Connection,
    database: str,
    api: Database,
    service: Session,
    runtime: Runtime,
    people: People,
    capfd: pytest.CaptureFixture[str],
) -> None:
    await owner.execute("update auth.users set email = $2 where id = $1", people.member.sub, EMAIL)
    await owner.execute(
        "update tenant_users set created_at = now() - interval '1 year' where user_id = $1", people.member.sub
    )
    mine, admin = api.session(people.member), api.session(people.admin)
    await mine.call("register_device_token", {"token": TOKEN, "platform": "ios"}, idempotency_key="k1")
    long_ago = (datetime.now(UTC).date() - timedelta(days=45)).isoformat()
    await mine.call("record_activities", {"payload": {"activities": [{"activity_date": long_ago}]}})
    done = await service.call("evaluate_scenarios", {"payload": {}}, idempotency_key="k2")
    assert done["scenarios"]["inactivity"] == {"notified": 1}
    await work(runtime)
    [sent] = (await mine.call("list_my_notifications"))["items"]
    assert sent["delivery_status"] == "sent"
    await mine.call("mark_notification_read", {"id": sent["notification_id"]}, idempotency_key="k3")
    # Administrators see whose they are; that they looked leaves nothing behind.
    [seen] = (await admin.call("list_scenario_notifications", idempotency_key="k4"))["items"]
    assert seen["email"] == EMAIL
    await mine.call("revoke_device_token", {"token": TOKEN}, idempotency_key="k5")

    assert await places(database, EMAIL) == ACCOUNT
    assert await places(database, TOKEN) == {"public.device_tokens.token"}
    printed = "".join(capfd.readouterr())
    assert EMAIL not in printed
    assert TOKEN not in printed


async def places(url: str, term: str) -> set[str]:
    """Where ``casebase verify leaks`` finds a term."""
    return {leak.place async for scanned in scan(url, (term,)) for leak in scanned.leaks}
