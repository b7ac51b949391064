"""What was cancelled is free again at once, and stays cancelled."""

from __future__ import annotations

import asyncio

import asyncpg

from casebase.kernel.db import Database, Principal, Session
from tests.frontdesk.conftest import Book, MakeSlot, People
from tests.support.refusals import refusal_of


async def test_its_place_is_free(
    owner: asyncpg.Connection, service: Session, make_slot: MakeSlot, book: Book
) -> None:
    await make_slot(capacity=3)
    taken = [await book(is_confirmed=n % 2 == 0) for n in range(3)]
    asked = {"booking_id": taken[1]["booking_id"]}
    replies = await asyncio.gather(*(service.call("cancel_booking", asked) for _ in range(20)))
    assert sorted(reply["is_repeated"] for reply in replies) == [False] + [True] * 19
    assert {(reply["status"], reply["cancel_reason"]) for reply in replies} == {("cancelled", "cancelled")}
    assert (await book())["place"] == 2
    assert await owner.fetchval("select count(*) from bookings where status <> 'cancelled'") == 3


async def test_by_whose_it_is_until_its_time_comes(
    owner: asyncpg.Connection, api: Database, people: People, make_slot: MakeSlot, book: Book
) -> None:
    await make_slot(capacity=3)
    mine, nobodys = [await book(user_id=people.customer.sub, is_confirmed=True) for _ in range(2)]
    asked = {"booking_id": mine["booking_id"]}
    for who in (people.other_customer, people.other_admin, people.other_member):
        error = await refusal_of(owner, api.session(who), "cancel_booking", **asked)
        assert (error.status, error.code) == (404, "booking_not_found")
    customer = api.session(people.customer)
    assert (await customer.call("cancel_booking", asked))["status"] == "cancelled"
    await owner.execute(
        "update bookings set starts_at = casebase.now(), ends_at = casebase.now() + interval '1 hour' where status = 'confirmed'"
    )
    asked = {"booking_id": nobodys["booking_id"]}
    error = await refusal_of(owner, customer, "cancel_booking", **asked)
    assert (error.status, error.code) == (409, "booking_past")
    # Nobody came: the desk may say so.
    assert (await api.session(people.member).call("cancel_booking", asked))["is_repeated"] is False


async def test_a_token_of_nobody_has_none_of_those_booked_for_nobody(
    owner: asyncpg.Connection, api: Database, make_slot: MakeSlot, book: Book
) -> None:
    await make_slot()
    asked = {"booking_id": (await book(user_id=None))["booking_id"]}
    subjectless = api.session(Principal("authenticated"))
    for function in ("get_booking", "cancel_booking"):
        error = await refusal_of(owner, subjectless, function, **asked)
        assert (error.status, error.code) == (404, "booking_not_found")
