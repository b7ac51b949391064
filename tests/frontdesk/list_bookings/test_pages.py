"""Members read their tenant's bookings with their customers, page by page, and no other tenant's."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg

from casebase.kernel.db import Database, Session
from tests.frontdesk.conftest import Book, MakeSlot, People
from tests.support.refusals import refusal, wrong_fields

NINE = datetime(2030, 6, 17, 9, tzinfo=UTC)
HOUR = timedelta(hours=1)


async def page(session: Session, **which: Any) -> dict[str, Any]:
    reply: dict[str, Any] = await session.call("list_bookings", {"payload": which})
    return reply


async def pages(session: Session, **which: Any) -> list[str]:
    """The slots of all pages."""
    found: list[str] = []
    cursor: str | None = None
    while True:
        reply = await page(session, **which, **({"cursor": cursor} if cursor else {}))
        assert len(reply["items"]) <= which["page_size"]
        found += [each["slot_id"] for each in reply["items"]]
        cursor = reply["next_cursor"]
        if cursor is None:
            return found


async def test_in_the_order_of_their_time_or_the_newest_first(
    api: Database, service: Session, people: People, make_slot: MakeSlot, book: Book
) -> None:
    order = [3, 0, 4, 1, 2]
    for n in order:
        # Two begin at once.
        await make_slot(f"s{n}", resource=f"r{n}", starts_at=NINE + max(n, 1) * HOUR)
        await book(f"s{n}", is_confirmed=n % 2 == 0)
    await book("of no time")
    member = api.session(people.member)

    def time(n: int) -> str:
        return (NINE + n * HOUR).isoformat()

    for size in (1, 2, 3, 50):
        newest = await pages(member, page_size=size)
        assert newest == ["of no time", *(f"s{n}" for n in reversed(order))]
        soonest = await pages(member, page_size=size, **{"from": time(0)})
        assert (set(soonest[:2]), soonest[2:]) == ({"s0", "s1"}, ["s2", "s3", "s4"])
        within = await pages(member, page_size=size, **{"from": time(2), "until": time(4)})
        assert within == ["s2", "s3"]
    assert await pages(member, status="pending", page_size=2, until=time(4)) == ["s1", "s3"]
    assert await pages(service, resource="r4", page_size=2) == ["s4"]
    [found] = (await page(service, resource="r4"))["items"]
    assert (found["user_name"], found["user_email"]) == ("Ada Byron", "ada@example.com")
    assert found == await member.call("get_booking", {"booking_id": found["booking_id"]})


async def test_of_ones_own_tenant(
    owner: asyncpg.Connection, api: Database, people: People, book: Book
) -> None:
    await book("ours", by=people.member)
    await book("theirs", by=people.other_member)
    assert await pages(api.session(people.owner), page_size=9) == ["ours"]
    assert await pages(api.session(people.other_member), page_size=9) == ["theirs"]
    theirs = {"tenant_id": str(people.other_tenant)}
    for who, payload in ((people.member, theirs), (people.customer, theirs), (people.customer, {})):
        error = await refusal(owner, api.session(who), "list_bookings", payload)
        assert (error.status, error.code) == (404, "tenant_not_found")


async def test_what_is_wrong_is_named(owner: asyncpg.Connection, service: Session) -> None:
    for field, value in (
        ("cursor", "ff"),
        ("cursor", "x"),
        ("page_size", 201),
        ("status", "held"),
        ("from", "2030-01-01"),
        ("order", "asc"),
    ):
        assert wrong_fields(await refusal(owner, service, "list_bookings", {field: value})) == [field]
