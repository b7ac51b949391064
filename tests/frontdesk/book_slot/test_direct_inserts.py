"""Who inserts a booking without the RPC, as members and services may, meets the same rules."""

from __future__ import annotations

import asyncio
from collections import Counter

import asyncpg
import pytest

from casebase.kernel.db import Principal, Session
from tests.frontdesk.conftest import Book, MakeSlot, People
from tests.support.access import acting_as
from tests.support.refusals import refusal_of

INSERT = "insert into public.bookings (tenant_id, slot_id, user_name, user_email) values ($1, $2, 'Ada', 'ada@example.com')"


@pytest.mark.parametrize("is_listed", [True, False])
async def test_a_place_is_taken_once(
    owner: asyncpg.Connection, database: str, people: People, make_slot: MakeSlot, is_listed: bool
) -> None:
    slot_id = await make_slot() if is_listed else "of no calendar"

    async def insert(who: Principal) -> str:
        connection = await asyncpg.connect(database)
        try:
            async with acting_as(connection, who):
                await connection.execute(INSERT, people.default_tenant, slot_id)
        except asyncpg.UniqueViolationError as error:
            return str(error.constraint_name)
        except asyncpg.PostgresError as error:
            return str(error).splitlines()[0]
        finally:
            await connection.close()
        return "ok"

    outcomes = Counter(await asyncio.gather(*(insert(who) for who in [people.member, people.admin] * 10)))
    # What nobody locks is refused by its index.
    assert outcomes == {"ok": 1, "slot_unavailable" if is_listed else "bookings_slot_id_key": 19}
    [booked] = await owner.fetch(
        "select status, place, resource, hold_expires_at > now() as is_held from bookings"
    )
    assert tuple(booked) == ("pending", 1, slot_id if is_listed else None, True)


async def test_no_booking_is_longer_than_a_slot_may_be(
    owner: asyncpg.Connection, service: Session, people: People, book: Book
) -> None:
    # Each day of it would be counted, by every change of it.
    week = {"starts_at": "2026-06-17T10:00:00Z", "ends_at": "2026-06-24T10:00:00Z"}
    await book("a week", **week)
    week["ends_at"] = "2026-06-24T10:00:01Z"
    payload = {"slot_id": "more", "user_name": "Ada", "user_email": "ada@example.com", **week}
    error = await refusal_of(owner, service, "book_slot", payload=payload)
    assert (error.status, error.detail["errors"][0]["field"]) == (422, "ends_at")
    async with acting_as(owner, people.member):
        with pytest.raises(asyncpg.CheckViolationError):
            await owner.execute(
                INSERT.replace("user_email)", "user_email, starts_at, ends_at)").replace(
                    "com')", "com', '2026-06-17T10:00:00Z', '2026-06-24T10:00:01Z')"
                ),
                people.default_tenant,
                "more",
            )
