"""A slot goes away while nobody has booked it."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import asyncpg

from casebase.kernel.db import Database, Session
from casebase.kernel.errors import RpcError
from tests.frontdesk.conftest import Book, MakeSlot, People
from tests.support.refusals import refusal_of


async def test_until_somebody_has_booked_it(
    owner: asyncpg.Connection,
    api: Database,
    service: Session,
    people: People,
    make_slot: MakeSlot,
    book: Book,
) -> None:
    tenant_id = people.default_tenant
    slot_id = await make_slot("room/1 9:00")
    booked = await book(slot_id, is_confirmed=True)
    asked = {"tenant_id": tenant_id, "slot_id": slot_id}
    error = await refusal_of(owner, service, "remove_slot", **asked)
    assert (error.status, error.code) == (409, "slot_booked")
    await service.call("cancel_booking", {"booking_id": booked["booking_id"]})
    for who, status, code in (
        (people.member, 403, "administrator_required"),
        (people.other_admin, 404, "tenant_not_found"),
        (people.customer, 404, "tenant_not_found"),
    ):
        error = await refusal_of(owner, api.session(who), "remove_slot", **asked)
        assert (error.status, error.code) == (status, code)
    removed = await api.session(people.admin).call("remove_slot", {"tenant_id": None, "slot_id": slot_id})
    assert removed == {"tenant_id": str(tenant_id), "slot_id": slot_id}
    error = await refusal_of(owner, service, "remove_slot", **asked)
    assert (error.status, error.code) == (404, "slot_not_found")
    # What was cancelled is remembered.
    kept = await service.call("get_booking", {"booking_id": booked["booking_id"]})
    assert (kept["status"], kept["slot_id"]) == ("cancelled", slot_id)


async def test_a_hold_that_ran_out_is_in_nobodys_way(
    owner: asyncpg.Connection, service: Session, people: People, make_slot: MakeSlot, book: Book
) -> None:
    held = await book(await make_slot())
    await owner.execute("update bookings set hold_expires_at = casebase.now()")
    await service.call("remove_slot", {"tenant_id": people.default_tenant, "slot_id": "chair-1"})
    assert (await service.call("get_booking", {"booking_id": held["booking_id"]}))[
        "cancel_reason"
    ] == "expired"


async def test_it_is_booked_or_removed_and_never_both(
    owner: asyncpg.Connection, service: Session, people: People, make_slot: MakeSlot, book: Book
) -> None:
    starts_at = await owner.fetchval("select date_trunc('hour', casebase.now()) + interval '1 day'")
    slots = [
        await make_slot(f"s{n}", resource="r", starts_at=starts_at + n * timedelta(hours=1))
        for n in range(20)
    ]

    async def remove(slot_id: str) -> str:
        try:
            await service.call("remove_slot", {"tenant_id": people.default_tenant, "slot_id": slot_id})
        except RpcError as error:
            return error.code
        return "removed"

    outcomes = await asyncio.gather(*(each for s in slots for each in (book(s), remove(s))))
    for booking, removal in zip(outcomes[::2], outcomes[1::2], strict=True):
        # Who came after the removal booked a text that is no slot any more, and has no time.
        has_time = booking["starts_at"] is not None
        assert removal == ("slot_booked" if has_time else "removed")
