"""What holds for people who decided nothing is decided field by field, and both quiet hours together."""

from __future__ import annotations

from typing import Any

import asyncpg
import pytest

from casebase.kernel.db import Database, Session
from tests.notifications.conftest import People
from tests.support.refusals import refusal, wrong_fields


async def decide(session: Session, **payload: Any) -> dict[str, Any]:
    reply: dict[str, Any] = await session.call("set_notification_settings", {"payload": payload})
    return {name: value for name, value in reply.items() if name != "organization_id"}


async def test_an_organisation_that_decided_nothing_has_the_usual(service: Session, people: People) -> None:
    assert await service.call("get_notification_settings") == {
        "organization_id": str(people.default_tenant), "timezone": "Europe/Oslo", "language": "en",
        "quiet_from": None, "quiet_until": None,
    }  # fmt: skip


async def test_what_is_absent_stays_and_null_ends_quiet_hours(service: Session) -> None:
    night = {"quiet_from": "22:00", "quiet_until": "07:30"}
    assert await decide(service, **night) == {"timezone": "Europe/Oslo", "language": "en", **night}
    changed = {"timezone": "America/New_York", "language": "nb"}
    assert await decide(service, **changed) == {**changed, **night}
    assert await decide(service, quiet_until="06:00") == {**changed, **night, "quiet_until": "06:00"}
    ended = {"quiet_from": None, "quiet_until": None}
    assert await decide(service, **ended) == {**changed, **ended}


async def test_each_organisation_decides_for_itself(api: Database, people: People) -> None:
    await decide(api.session(people.other_admin), language="nb")
    assert (await api.session(people.admin).call("get_notification_settings"))["language"] == "en"


@pytest.mark.parametrize(
    ("field", "change"),
    [
        ("timezone", {"timezone": "Mars/Olympus"}),
        ("timezone", {"timezone": "EST5EDT"}),
        ("timezone", {"timezone": ""}),
        ("language", {"language": "sv"}),
        ("quiet_until", {"quiet_from": "22:00"}),
        ("quiet_until", {"quiet_from": "22:00", "quiet_until": "22:00"}),
        ("quiet_from", {"quiet_from": "24:00", "quiet_until": "07:00"}),
        ("quiet_from", {"quiet_from": 22, "quiet_until": "07:00"}),
        ("colour", {"colour": "red"}),
    ],
)
async def test_what_is_no_setting_is_refused(
    owner: asyncpg.Connection, service: Session, field: str, change: dict[str, Any]
) -> None:
    assert wrong_fields(await refusal(owner, service, "set_notification_settings", change)) == [field]
