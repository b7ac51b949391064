"""A hold is kept for good, once, before it expires; by the desk."""

from __future__ import annotations

from datetime import datetime, timedelta

import asyncpg
import pytest

from casebase.kernel.db import Database, Session
from tests.conftest import At
from tests.frontdesk.conftest import TODAY, Book, MakeSlot, People
from tests.support.refusals import refusal_of

HELD = {"slot_id": "s", "user_name": "Ada Byron", "user_email": "ada@example.com"}
NO_BOOKING = "00000000-0000-0000-0000-000000000000"


async def test_is_kept_once(
    owner: asyncpg.Connection,
    api: Database,
    service: Session,
    people: People,
    make_slot: MakeSlot,
    book: Book,
) -> None:
    held = await book(await make_slot(), user_id=people.customer.sub)
    asked = {"booking_id": held["booking_id"]}
    for who, status, code in (
        (people.customer, 403, "member_required"),
        (people.other_customer, 404, "booking_not_found"),
        (people.other_admin, 404, "booking_not_found"),
    ):
        error = await refusal_of(owner, api.session(who), "confirm_booking", **asked)
        assert (error.status, error.code) == (status, code)
    first = await api.session(people.member).call("confirm_booking", asked)
    assert (first["status"], first["hold_expires_at"], first["is_repeated"]) == ("confirmed", None, False)
    again = await service.call("confirm_booking", asked)
    assert again == {**first, "is_repeated": True}
    # Replies are kept for who sends a request again; names are not.
    assert "user_name" not in first
    await service.call("cancel_booking", asked)
    error = await refusal_of(owner, service, "confirm_booking", **asked)
    assert (error.status, error.code) == (409, "booking_cancelled")
    error = await refusal_of(owner, service, "confirm_booking", booking_id=NO_BOOKING)
    assert (error.status, error.code) == (404, "booking_not_found")


@pytest.mark.parametrize("is_freed", [False, True])
async def test_that_ran_out_is_not_kept(at: At, owner: asyncpg.Connection, is_freed: bool) -> None:
    held = await (await at(TODAY)).session().call("book_slot", {"payload": HELD})
    expires_at = datetime.fromisoformat(held["hold_expires_at"])
    assert timedelta(minutes=14, seconds=50) < expires_at - TODAY < timedelta(minutes=15, seconds=50)
    later = (await at(TODAY + timedelta(minutes=16))).session()
    if is_freed:
        assert await later.call("expire_holds", {}) == 1
    error = await refusal_of(owner, later, "confirm_booking", booking_id=held["booking_id"])
    assert (error.status, error.code) == (409, "hold_expired")
    # Whoever wants the place has it, whether it was freed or not.
    taken = await later.call("book_slot", {"payload": HELD})
    assert taken["place"] == 1
