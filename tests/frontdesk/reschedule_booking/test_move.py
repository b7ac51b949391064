"""A booking moves to another slot, or keeps its own."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import asyncpg

from casebase.kernel.db import Database, Session
from tests.conftest import At
from tests.frontdesk.conftest import TODAY, Book, MakeSlot, People
from tests.support.refusals import refusal_of, wrong_fields


async def test_to_a_free_slot(
    api: Database, service: Session, people: People, make_slot: MakeSlot, book: Book
) -> None:
    old, new = await make_slot("old"), await make_slot("new", minutes=60)
    held = await book(old, user_id=people.customer.sub)

    async def move(to: str, session: Session = service) -> dict[str, Any]:
        asked = {"booking_id": held["booking_id"], "slot_id": to}
        reply: dict[str, Any] = await session.call("reschedule_booking", asked)
        return reply

    moved = await move(new, api.session(people.customer))
    assert (moved["slot_id"], moved["resource"], moved["is_repeated"]) == (new, new, False)
    assert moved["ends_at"] != held["ends_at"]
    # Moving does not make a hold last longer.
    assert (moved["status"], moved["hold_expires_at"]) == ("pending", held["hold_expires_at"])
    assert await move(new) == {**moved, "is_repeated": True}
    await book(old)

    elsewhere = await move("somebody else's calendar", api.session(people.member))
    assert (elsewhere["resource"], elsewhere["starts_at"], elsewhere["ends_at"]) == (None, None, None)
    again = await move(elsewhere["slot_id"], api.session(people.customer))
    assert again == {**elsewhere, "is_repeated": True}
    assert (await move(new))["starts_at"] == moved["starts_at"]


async def test_refused_it_keeps_its_own(
    owner: asyncpg.Connection,
    api: Database,
    service: Session,
    people: People,
    make_slot: MakeSlot,
    book: Book,
) -> None:
    for slot_id in ("mine", "full"):
        await make_slot(slot_id)
    await make_slot("past", starts_at=await owner.fetchval("select casebase.now() - interval '1 minute'"))
    mine = (await book("mine", user_id=people.customer.sub, is_confirmed=True))["booking_id"]
    for taken in ("full", "taken elsewhere"):
        await book(taken)

    async def refused(session: Session, to: str, booking_id: str = mine) -> tuple[int, str]:
        error = await refusal_of(owner, session, "reschedule_booking", booking_id=booking_id, slot_id=to)
        return error.status, error.code

    assert await refused(service, "full") == (409, "slot_unavailable")
    assert await refused(service, "taken elsewhere") == (409, "slot_unavailable")
    assert await refused(service, "past") == (409, "slot_past")
    # Of a slot that nobody lists no time is known, at which it would be past.
    for nowhere in ("elsewhere", "taken elsewhere"):
        assert await refused(api.session(people.customer), nowhere) == (404, "slot_not_found")
    for who in (people.other_customer, people.other_admin):
        assert await refused(api.session(who), "elsewhere") == (404, "booking_not_found")
    error = await refusal_of(owner, service, "reschedule_booking", booking_id=mine, slot_id="")
    assert wrong_fields(error) == ["slot_id"]
    cancelled = (await book("gone"))["booking_id"]
    await service.call("cancel_booking", {"booking_id": cancelled})
    assert await refused(service, "elsewhere", cancelled) == (409, "booking_cancelled")
    await owner.execute(
        "update bookings set starts_at = casebase.now(), ends_at = casebase.now() + interval '1 hour' where id = $1",
        mine,
    )
    assert await refused(api.session(people.customer), "elsewhere") == (409, "booking_past")


async def test_to_a_slot_that_must_be_listed_it_keeps_its_own_once_that_is_gone(
    owner: asyncpg.Connection, service: Session, make_slot: MakeSlot, book: Book
) -> None:
    booking_id = (await book(await make_slot("mine")))["booking_id"]
    await make_slot("gone")
    await service.call("remove_slot", {"tenant_id": None, "slot_id": "gone"})
    asked = {"booking_id": booking_id, "slot_id": "gone"}
    error = await refusal_of(owner, service, "reschedule_booking", **asked, is_listed=True)
    assert (error.status, error.code) == (404, "slot_not_found")
    await make_slot("there")
    moved = await service.call("reschedule_booking", {**asked, "slot_id": "there", "is_listed": True})
    assert (moved["slot_id"], moved["resource"]) == ("there", "there")
    # Who keeps the calendar elsewhere names no slot of it.
    for is_listed in (None, False):
        elsewhere = {**asked, "slot_id": f"elsewhere {is_listed}", "is_listed": is_listed}
        assert (await service.call("reschedule_booking", elsewhere))["starts_at"] is None


async def test_a_hold_that_ran_out_is_not_moved_and_makes_room(at: At, owner: asyncpg.Connection) -> None:
    session, later = (await at(TODAY)).session(), (await at(TODAY + timedelta(minutes=16))).session()
    who = {"user_name": "Ada Byron", "user_email": "ada@example.com"}
    held = await session.call("book_slot", {"payload": {"slot_id": "a", **who}})
    kept = await session.call("book_slot", {"payload": {"slot_id": "b", "is_confirmed": True, **who}})
    error = await refusal_of(owner, later, "reschedule_booking", booking_id=held["booking_id"], slot_id="c")
    assert (error.status, error.code) == (409, "hold_expired")
    moved = await later.call("reschedule_booking", {"booking_id": kept["booking_id"], "slot_id": "a"})
    assert (moved["slot_id"], moved["place"]) == ("a", 1)
