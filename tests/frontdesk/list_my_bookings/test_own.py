"""People see what they booked, at whichever tenant, and nobody else's."""

from __future__ import annotations

import asyncpg
import pytest

from casebase.kernel.db import Database, Session
from casebase.kernel.errors import RpcError
from tests.frontdesk.conftest import Book, People
from tests.support.refusals import refusal_of, wrong_fields


async def test_their_own_newest_first(
    owner: asyncpg.Connection, api: Database, service: Session, people: People, book: Book
) -> None:
    mine = people.customer.sub
    for slot_id in ("a", "b", "c"):
        await book(slot_id, user_id=mine)
    await book("d", user_id=mine, tenant_id=people.other_tenant)
    # Somebody of the same e-mail address is not the same.
    await book("e", user_id=people.other_customer.sub)
    await book("f", user_id=None)
    customer = api.session(people.customer)
    first = await customer.call("list_my_bookings", {"page_size": 3})
    rest = await customer.call("list_my_bookings", {"page_size": 3, "cursor": first["next_cursor"]})
    assert [each["slot_id"] for each in first["items"] + rest["items"]] == ["d", "c", "b", "a"]
    assert rest["next_cursor"] is None
    assert first["items"][0]["user_name"] == "Ada Byron"
    assert (await api.session(people.member).call("list_my_bookings"))["items"] == []
    for wrong in ({"page_size": 0}, {"cursor": "ff"}):
        error = await refusal_of(owner, customer, "list_my_bookings", **wrong)
        assert wrong_fields(error) == list(wrong)
    with pytest.raises(RpcError):
        await service.call("list_my_bookings")


async def test_who_books_for_somebody_keeps_none_of_it_after_the_desk(
    owner: asyncpg.Connection, api: Database, people: People, book: Book
) -> None:
    for desk in (people.member, people.admin):
        theirs = await book(f"of {desk.sub}", by=desk)
        mine = await book(f"for {desk.sub}", by=desk, user_id=desk.sub)
        await owner.execute("delete from public.tenant_users where user_id = $1", desk.sub)
        gone = api.session(desk)
        listed = (await gone.call("list_my_bookings"))["items"]
        assert [each["booking_id"] for each in listed] == [mine["booking_id"]]
        for function in ("get_booking", "cancel_booking"):
            error = await refusal_of(owner, gone, function, booking_id=theirs["booking_id"])
            assert (error.status, error.code) == (404, "booking_not_found")


async def test_a_booking_is_seen_by_its_customer_and_the_desk(
    owner: asyncpg.Connection, api: Database, service: Session, people: People, book: Book
) -> None:
    asked = {"booking_id": (await book(user_id=people.customer.sub))["booking_id"]}
    seen = await service.call("get_booking", asked)
    assert seen["user_id"] == str(people.customer.sub)
    for who in (people.customer, people.member, people.admin):
        assert await api.session(who).call("get_booking", asked) == seen
    for who in (people.other_customer, people.other_member, people.other_admin):
        error = await refusal_of(owner, api.session(who), "get_booking", **asked)
        assert (error.status, error.code) == (404, "booking_not_found")
    # Who leaves takes the account along; the desk still knows who came.
    await owner.execute("delete from auth.users where id = $1", people.customer.sub)
    left = await service.call("get_booking", asked)
    assert (left["user_id"], left["user_name"]) == (None, "Ada Byron")
