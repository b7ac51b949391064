"""Whoever moves, books, cancels and confirms at once: no place has two, no booking is lost, nobody is locked out."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from datetime import timedelta
from typing import Any

import asyncpg

from casebase.kernel.db import Session
from casebase.kernel.errors import RpcError
from tests.frontdesk.conftest import Book, MakeSlot
from tests.support.waiting import locks_awaited

DOUBLE = """
    select count(*) from (
        select from bookings b left join slots s using (tenant_id, slot_id)
        where b.status <> 'cancelled'
        group by b.tenant_id, b.slot_id, s.capacity
        having count(*) > coalesce(s.capacity, 1) or count(distinct b.place) < count(*) or max(b.place) > coalesce(s.capacity, 1)
    ) taken_twice
"""


async def outcome(call: Any) -> str:
    """The code of a refusal, else ok."""
    try:
        await call
    except RpcError as error:
        return error.code
    return "ok"


async def test_two_who_swap_are_both_refused(service: Session, make_slot: MakeSlot, book: Book) -> None:
    for round_ in range(10):
        first, second = await make_slot(f"a{round_}"), await make_slot(f"b{round_}")
        bookings = [(await book(slot_id))["booking_id"] for slot_id in (first, second)]
        outcomes = await asyncio.gather(
            *(
                outcome(service.call("reschedule_booking", {"booking_id": booking_id, "slot_id": to}))
                for booking_id, to in zip(bookings, (second, first), strict=True)
            )
        )
        assert outcomes == ["slot_unavailable"] * 2
        slots = [(await service.call("get_booking", {"booking_id": each}))["slot_id"] for each in bookings]
        assert slots == [first, second]


async def test_who_swap_or_want_what_no_calendar_lists_wait_in_no_circle(
    owner: asyncpg.Connection, service: Session, make_slot: MakeSlot, book: Book
) -> None:
    times = await make_slot() and await owner.fetchrow("select starts_at, ends_at from slots")
    for round_ in range(10):
        names = [f"a{round_}", f"b{round_}"]
        bookings = [(await book(name))["booking_id"] for name in names]
        moves = [
            outcome(service.call("reschedule_booking", {"booking_id": booking_id, "slot_id": to}))
            for booking_id, to in zip(bookings, reversed(names), strict=True)
        ]
        assert await asyncio.gather(*moves) == ["slot_unavailable"] * 2

    moved = (await book())["booking_id"]
    async with owner.transaction():
        # Both come as far as the day's count, the one with its place to come and the other with it.
        await owner.execute("update frontdesk.availability_versions set version = version")
        to = {"booking_id": moved, "slot_id": "wanted"}
        mover = asyncio.create_task(outcome(service.call("reschedule_booking", to)))
        await locks_awaited(owner, 1)
        fields = {"starts_at": times["starts_at"].isoformat(), "ends_at": times["ends_at"].isoformat()}
        booker = asyncio.create_task(outcome(book("wanted", **fields)))
        await locks_awaited(owner, 2)
    assert [await mover, await booker] == ["ok", "slot_unavailable"]


async def test_fifty_bookings_want_to_move_to_one_slot(
    owner: asyncpg.Connection, service: Session, make_slot: MakeSlot, book: Book
) -> None:
    await make_slot("wanted", capacity=2)
    bookings = await asyncio.gather(*(book(f"elsewhere {n}") for n in range(50)))
    outcomes = Counter(
        await asyncio.gather(
            *(
                outcome(
                    service.call(
                        "reschedule_booking", {"booking_id": each["booking_id"], "slot_id": "wanted"}
                    )
                )
                for each in bookings
            )
        )
    )
    assert outcomes == {"ok": 2, "slot_unavailable": 48}
    assert await owner.fetchval("select count(*) from bookings where slot_id like 'elsewhere%'") == 48


async def test_moves_from_day_to_day_and_back_wait_for_each_other_in_no_circle(
    owner: asyncpg.Connection, service: Session, make_slot: MakeSlot, book: Book
) -> None:
    """Each frees a hold of the day it goes to, and counts both days."""
    days = [await owner.fetchval("select casebase.now() + make_interval(days => $1)", n) for n in (2, 4)]
    moves = []
    for n in range(25):
        for here, there in ((0, 1), (1, 0)):
            old, new = f"old {n} {here}", f"new {n} {there}"
            await make_slot(old, starts_at=days[here])
            await make_slot(new, starts_at=days[there])
            await book(new)
            moves.append({"booking_id": (await book(old, is_confirmed=True))["booking_id"], "slot_id": new})
    await owner.execute("update bookings set hold_expires_at = casebase.now() where status = 'pending'")
    outcomes = await asyncio.gather(*(outcome(service.call("reschedule_booking", move)) for move in moves))
    assert Counter(outcomes) == {"ok": 50}


async def test_what_no_calendar_lists_goes_from_day_to_day_in_no_circle(
    owner: asyncpg.Connection, service: Session, make_slot: MakeSlot, book: Book
) -> None:
    """Each frees a hold of another day than it books or moves to: all three days are counted in their order."""
    days = [await owner.fetchval("select casebase.now() + make_interval(days => $1)", n) for n in (2, 4, 6)]

    def on(day: int) -> dict[str, str]:
        return {"starts_at": days[day].isoformat(), "ends_at": (days[day] + timedelta(hours=1)).isoformat()}

    for round_ in range(3):
        calls = []
        for n in range(50):
            held, here = f"held {round_} {n}", n % 2
            await book(held, **on(here))
            if n % 5 or not round_:
                calls.append(book(held, **on(1 - here)))
            else:
                old = await make_slot(f"old {round_} {n}", starts_at=days[2 - here])
                moved = {"booking_id": (await book(old, is_confirmed=True))["booking_id"], "slot_id": held}
                calls.append(service.call("reschedule_booking", moved))
        await owner.execute(
            "update bookings set hold_expires_at = casebase.now() where status = 'pending' and slot_id like $1",
            f"held {round_} %",
        )
        assert Counter(await asyncio.gather(*map(outcome, calls))) == {"ok": 50}
    assert await owner.fetchval(DOUBLE) == 0


async def test_fifty_clients_do_anything_with_five_slots(
    owner: asyncpg.Connection, service: Session, make_slot: MakeSlot, book: Book
) -> None:
    """On several days, with holds that ran out among them, which make whoever meets them write more."""
    chosen = random.Random(7)
    tomorrow = await owner.fetchval("select date_trunc('day', casebase.now()) + interval '1 day 23 hours'")
    slots = [
        await make_slot(
            f"s{n}",
            starts_at=tomorrow - n * timedelta(days=1) + timedelta(days=5),
            minutes=120,
            capacity=1 + n % 3,
        )
        for n in range(4)
    ] + ["of no calendar"]
    refusals = {
        "ok", "slot_unavailable", "hold_expired", "booking_cancelled",
    }  # fmt: skip

    async def client(n: int) -> list[str]:
        told = []
        mine: list[str] = []
        for _ in range(8):
            what = chosen.choice(["book", "book", "move", "move", "cancel", "confirm", "expire"])
            if what == "book" or not mine:
                try:
                    mine.append((await book(chosen.choice(slots)))["booking_id"])
                    told.append("ok")
                except RpcError as error:
                    told.append(error.code)
                continue
            booking_id = chosen.choice(mine)
            if what == "expire":
                await owner_of_time(booking_id)
                call = service.call("expire_holds", {"batch_limit": 3})
            elif what == "move":
                asked = {"booking_id": booking_id, "slot_id": chosen.choice(slots)}
                call = service.call("reschedule_booking", asked)
            else:
                call = service.call(f"{what}_booking", {"booking_id": booking_id})
            told.append(await outcome(call))
        return told

    lock = asyncio.Lock()

    async def owner_of_time(booking_id: str) -> None:
        async with lock:
            await owner.execute(
                "update bookings set hold_expires_at = casebase.now() where id = $1 and status = 'pending'",
                booking_id,
            )

    told = Counter(code for codes in await asyncio.gather(*(client(n) for n in range(50))) for code in codes)
    assert set(told) <= refusals, told
    assert told["ok"] >= 50
    assert await owner.fetchval(DOUBLE) == 0
    # Each that stands knows the time of the slot it is in.
    assert (
        await owner.fetchval(
            "select count(*) from bookings b left join slots s using (tenant_id, slot_id) where b.status <> 'cancelled' "
            "and (b.starts_at, b.ends_at, b.resource) is distinct from (s.starts_at, s.ends_at, s.resource)"
        )
        == 0
    )
