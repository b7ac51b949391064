"""A certification is known by its person and name; set again, it has the new day."""

from __future__ import annotations

import asyncio
from datetime import date
from typing import Any

import asyncpg

from casebase.kernel.db import Database, Session
from tests.notifications.conftest import People


def certifications(*given: tuple[str, str], **who: Any) -> dict[str, Any]:
    return {"certifications": [{"name": name, "expires_on": day, **who} for name, day in given]}


async def test_a_member_sets_their_own(owner: asyncpg.Connection, api: Database, people: People) -> None:
    payload = certifications(("Førstehjelp", "2027-02-01"), ("Level 2 (English)", "2026-12-01"))
    reply = await api.session(people.member).call("set_certifications", {"payload": payload})
    rows = await owner.fetch("select id, user_id, name, expires_on from certifications order by name")
    assert [(c["name"], c["expires_on"], c["user_id"]) for c in reply["certifications"]] == [
        ("Førstehjelp", "2027-02-01", str(people.member.sub)),
        ("Level 2 (English)", "2026-12-01", str(people.member.sub)),
    ]
    assert {c["certification_id"] for c in reply["certifications"]} == {str(row["id"]) for row in rows}
    assert reply["organization_id"] == str(people.default_tenant)


async def test_a_renewal_changes_the_day_and_an_unchanged_one_nothing(
    owner: asyncpg.Connection, api: Database, people: People
) -> None:
    session = api.session(people.member)
    before = await session.call(
        "set_certifications", {"payload": certifications(("A", "2026-12-01"), ("B", "2026-12-01"))}
    )
    versions = dict(await owner.fetch("select name, xmin::text from certifications"))
    after = await session.call(
        "set_certifications", {"payload": certifications(("B", "2027-12-01"), ("A", "2026-12-01"))}
    )
    assert {c["certification_id"] for c in after["certifications"]} == {
        c["certification_id"] for c in before["certifications"]
    }
    assert dict(await owner.fetch("select name, expires_on from certifications")) == {
        "A": date(2026, 12, 1),
        "B": date(2027, 12, 1),
    }
    now = dict(await owner.fetch("select name, xmin::text from certifications"))
    assert (now["A"] == versions["A"], now["B"] == versions["B"]) == (True, False)


async def test_administrators_and_the_service_set_members(
    owner: asyncpg.Connection, api: Database, service: Session, people: People
) -> None:
    payload = certifications(("A", "2026-12-01"), user_id=str(people.other_member.sub))
    await api.session(people.other_admin).call("set_certifications", {"payload": payload})
    renewed = certifications(("A", "2027-12-01"), user_id=str(people.other_member.sub))
    await service.call(
        "set_certifications", {"payload": {"organization_id": str(people.other_tenant), **renewed}}
    )
    rows = await owner.fetch("select organization_id, name, expires_on from certifications")
    assert [tuple(row) for row in rows] == [(people.other_tenant, "A", date(2027, 12, 1))]


async def test_fifty_who_set_the_same_ones_in_any_order_set_each_once(
    owner: asyncpg.Connection, api: Database, people: People
) -> None:
    session = api.session(people.member)
    names = [(f"Certificate {letter}", "2026-12-01") for letter in "ABCDEFGH"]
    replies = await asyncio.gather(
        *(
            session.call("set_certifications", {"payload": certifications(*names[:: 1 if n % 2 else -1])})
            for n in range(50)
        )
    )
    assert await owner.fetchval("select count(*) from certifications") == 8
    assert {len(reply["certifications"]) for reply in replies} == {8}
