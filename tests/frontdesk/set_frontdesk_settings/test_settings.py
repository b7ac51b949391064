"""A desk's settings are its administrators' to decide, field by field, and its members' to read."""

from __future__ import annotations

import asyncio

import asyncpg

from casebase.kernel.db import Database, Session
from tests.frontdesk.conftest import People
from tests.support.refusals import refusal, refusal_of, wrong_fields


async def test_what_is_absent_stays(api: Database, service: Session, people: People) -> None:
    defaults = {"time_zone": "UTC", "hold_minutes": 15, "currency": "USD"}
    ours = {"tenant_id": str(people.default_tenant)}
    member, admin = api.session(people.member), api.session(people.admin)
    assert await member.call("get_frontdesk_settings") == {**ours, **defaults}
    decided: dict[str, object] = {"time_zone": "Europe/Oslo", "hold_minutes": 5, "currency": "NOK"}
    await asyncio.gather(
        *(
            session.call("set_frontdesk_settings", {"payload": {field: value}})
            for field, value in decided.items()
            for session in (admin, service)
        )
    )
    assert await admin.call("set_frontdesk_settings", {"payload": {}}) == {**ours, **decided}
    assert await member.call("get_frontdesk_settings") == {**ours, **decided}
    theirs = await api.session(people.other_member).call("get_frontdesk_settings")
    assert theirs == {"tenant_id": str(people.other_tenant), **defaults}


async def test_who_and_what_is_refused(
    owner: asyncpg.Connection, api: Database, service: Session, people: People
) -> None:
    error = await refusal(owner, api.session(people.member), "set_frontdesk_settings", {"hold_minutes": 5})
    assert (error.status, error.code) == (403, "administrator_required")
    for who in (people.other_admin, people.customer):
        for refused in (
            await refusal(
                owner, api.session(who), "set_frontdesk_settings", {"tenant_id": str(people.default_tenant)}
            ),
            await refusal_of(
                owner, api.session(who), "get_frontdesk_settings", tenant_id=people.default_tenant
            ),
        ):
            assert (refused.status, refused.code) == (404, "tenant_not_found")
    for field, value in (
        ("time_zone", "Europe/Atlantis"),
        ("time_zone", "+02:00"),
        ("hold_minutes", 0),
        ("hold_minutes", 1441),
        ("currency", "XXX"),
        ("currency", "usd"),
    ):
        error = await refusal(owner, service, "set_frontdesk_settings", {field: value})
        assert wrong_fields(error) == [field]
