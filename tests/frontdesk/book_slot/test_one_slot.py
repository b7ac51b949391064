"""A slot is taken once, each of its places if it has several."""

from __future__ import annotations

import asyncio
from typing import Any

import asyncpg
import pytest

from casebase.kernel.errors import RpcError
from tests.frontdesk.conftest import Book, MakeSlot, People
from tests.support.waiting import locks_awaited


async def race(book: Book, slot_id: str, clients: int = 50) -> tuple[list[dict[str, Any]], list[str]]:
    """Return the replies of who got a place, and the codes of the others."""
    outcomes = await asyncio.gather(*(book(slot_id) for _ in range(clients)), return_exceptions=True)
    refused = [outcome for outcome in outcomes if isinstance(outcome, BaseException)]
    assert all(isinstance(error, RpcError) for error in refused), refused
    codes = [error.code for error in refused if isinstance(error, RpcError)]
    return [outcome for outcome in outcomes if isinstance(outcome, dict)], codes


async def test_fifty_clients_want(owner: asyncpg.Connection, book: Book, make_slot: MakeSlot) -> None:
    taken, codes = await race(book, await make_slot())
    assert (len(taken), codes) == (1, ["slot_unavailable"] * 49)
    assert await owner.fetchval("select count(*) from public.bookings") == 1


async def test_of_someone_elses_calendar_fifty_clients_want(owner: asyncpg.Connection, book: Book) -> None:
    taken, codes = await race(book, "somewhere-else/9:00")
    assert (len(taken), codes) == (1, ["slot_unavailable"] * 49)
    assert await owner.fetchval("select count(*) from public.bookings") == 1


async def test_with_three_places_fifty_clients_want(book: Book, make_slot: MakeSlot) -> None:
    taken, codes = await race(book, await make_slot(capacity=3))
    assert sorted(reply["place"] for reply in taken) == [1, 2, 3]
    assert codes == ["slot_unavailable"] * 47


async def test_of_another_tenant_is_another(book: Book, people: People) -> None:
    await book("room-1", by=people.member)
    reply = await book("room-1", by=people.other_member)
    assert reply["tenant_id"] == str(people.other_tenant)


async def test_whose_time_has_come_is_not_booked(
    owner: asyncpg.Connection, book: Book, make_slot: MakeSlot
) -> None:
    slot_id = await make_slot(starts_at=await owner.fetchval("select casebase.now()"))
    with pytest.raises(RpcError) as caught:
        await book(slot_id)
    assert (caught.value.status, caught.value.code) == (409, "slot_past")


async def test_that_must_be_listed_is_not_booked_once_it_is_gone(
    owner: asyncpg.Connection, book: Book, make_slot: MakeSlot
) -> None:
    assert (await book(await make_slot("there"), is_listed=True))["resource"] == "there"
    await make_slot("gone")
    async with owner.transaction():
        # Taken back while the booking is on its way.
        await owner.execute("delete from slots where slot_id = 'gone'")
        booking = asyncio.create_task(book("gone", is_listed=True))
        await locks_awaited(owner, 1)
    with pytest.raises(RpcError) as caught:
        await booking
    assert (caught.value.status, caught.value.code) == (404, "slot_not_found")
    assert await owner.fetchval("select array_agg(slot_id) from bookings") == ["there"]
    # Who keeps the calendar elsewhere names no slot of it.
    assert (await book("gone", is_listed=False))["resource"] is None
