"""Slots are added once, changed where they differ, and never under somebody's booking; all of a call or none."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg
import pytest

from casebase.kernel.db import Database, Session
from tests.conftest import At
from tests.frontdesk.conftest import TODAY, Book, People
from tests.support.refusals import refusal, wrong_fields

NINE = datetime(2030, 3, 4, 9, tzinfo=UTC)
HALF = timedelta(minutes=30)


def slot(n: int = 0, *, resource: str = "Room 1", at: datetime = NINE, **fields: Any) -> dict[str, Any]:
    """The n-th half hour of a resource."""
    starts_at = at + n * HALF
    times = {"starts_at": starts_at.isoformat(), "ends_at": (starts_at + HALF).isoformat()}
    return {"resource": resource, **times, **fields}


async def add(session: Session, *slots: dict[str, Any], **fields: Any) -> dict[str, Any]:
    reply: dict[str, Any] = await session.call("add_slots", {"payload": {"slots": slots, **fields}})
    return reply


def counts(reply: dict[str, Any]) -> tuple[int, int, int]:
    return reply["added"], reply["updated"], reply["unchanged"]


async def test_sent_again_they_are_the_same(owner: asyncpg.Connection, service: Session) -> None:
    day = [slot(n) for n in range(8)] + [slot(0, slot_id="named", resource="Room 2")]
    first = await add(service, *day)
    assert counts(first) == (9, 0, 0)
    assert first["slots"][-1] == {"slot_id": "named", "outcome": "added"}
    again = await add(service, *reversed(day))
    assert counts(again) == (0, 0, 9)
    assert {each["slot_id"] for each in again["slots"]} == {each["slot_id"] for each in first["slots"]}
    changed = await add(service, slot(0, capacity=3), slot(1))
    assert [each["outcome"] for each in changed["slots"]] == ["updated", "unchanged"]
    assert await owner.fetchval("select count(*) from public.slots") == 9


async def test_new_ones_alone_leave_what_is_known_as_it_is(
    owner: asyncpg.Connection, service: Session, book: Book
) -> None:
    await add(service, slot(0, capacity=20), slot(1, slot_id="s"), slot(2, slot_id="booked"))
    await book("booked", is_confirmed=True)
    before = await owner.fetch("select * from slots order by slot_id")
    longer = {**slot(0), "ends_at": (NINE + timedelta(minutes=5)).isoformat()}
    changed = [longer, slot(9, slot_id="s"), slot(2, slot_id="booked", capacity=7), slot(3, slot_id="new")]
    reply = await add(service, *changed, is_new_only=True)
    assert [each["outcome"] for each in reply["slots"]] == ["unchanged", "unchanged", "unchanged", "added"]
    assert counts(reply) == (1, 0, 3)
    assert await owner.fetch("select * from slots where slot_id <> 'new' order by slot_id") == before
    error = await refusal(owner, service, "add_slots", {"slots": [slot(0, slot_id="x")], "is_new_only": True})
    assert (error.status, error.code) == (409, "slot_overlaps")


async def test_a_whole_day_moves_by_half_an_hour(service: Session) -> None:
    await add(service, *(slot(n, slot_id=f"s{n}") for n in range(6)))
    for by in (1, -1):
        moved = await add(service, *(slot(n + max(by, 0), slot_id=f"s{n}") for n in range(6)))
        assert counts(moved) == (0, 6, 0)


async def test_a_resource_has_one_at_a_time(owner: asyncpg.Connection, service: Session) -> None:
    await add(service, slot())
    overlapping = slot(at=NINE + timedelta(minutes=15))
    error = await refusal(owner, service, "add_slots", {"slots": [slot(1), overlapping]})
    assert (error.status, error.code) == (409, "slot_overlaps")
    await add(service, slot(1), slot(resource="Room 2"))


async def test_a_booking_is_moved_by_nobody_else(
    owner: asyncpg.Connection, service: Session, book: Book
) -> None:
    await add(service, slot(slot_id="s", capacity=2))
    for _ in range(2):
        await book("s", is_confirmed=True)
    for change in (slot(1, slot_id="s", capacity=2), slot(slot_id="s", capacity=1)):
        error = await refusal(owner, service, "add_slots", {"slots": [slot(5), change]})
        assert (error.status, error.code) == (409, "slot_booked")
    assert counts(await add(service, slot(slot_id="s", capacity=3))) == (0, 1, 0)


async def test_a_hold_that_ran_out_is_in_nobodys_way(at: At, book: Book) -> None:
    held_at, later = (await at(TODAY)).session(), (await at(TODAY + timedelta(minutes=16))).session()
    await add(held_at, slot(slot_id="s"))
    payload = {"slot_id": "s", "user_name": "Ada Byron", "user_email": "ada@example.com"}
    await held_at.call("book_slot", {"payload": payload})
    assert counts(await add(later, slot(3, slot_id="s"))) == (0, 1, 0)


async def test_what_is_wrong_is_named(owner: asyncpg.Connection, service: Session) -> None:
    async def wrong(*slots: Any) -> list[str]:
        return wrong_fields(await refusal(owner, service, "add_slots", {"slots": slots}))

    backwards = {**slot(), "ends_at": NINE.isoformat()}
    long = {**slot(), "ends_at": (NINE + timedelta(days=8)).isoformat()}
    assert await wrong(slot(5), backwards, long) == ["slots[1].ends_at", "slots[2].ends_at"]
    assert await wrong(slot(at=datetime(1999, 12, 31, tzinfo=UTC))) == ["slots[0].starts_at"]
    assert await wrong(slot(0, slot_id="a"), slot(1, slot_id="a")) == ["slots[1].slot_id"]
    assert await wrong({**slot(), "starts_at": "2030-03-04T09:00:00"}) == ["slots[0].starts_at"]
    assert await wrong(slot(resource=" Room")) == ["slots[0].resource"]
    assert await wrong(slot(capacity=0)) == ["slots[0].capacity"]
    assert await wrong() == ["slots"]
    assert await wrong(*[slot()] * 1001) == ["slots"]


async def test_administrators_decide(owner: asyncpg.Connection, api: Database, people: People) -> None:
    for who in (people.owner, people.admin):
        await add(api.session(who), slot(resource=str(who.sub)))
    error = await refusal(owner, api.session(people.member), "add_slots", {"slots": [slot()]})
    assert (error.status, error.code) == (403, "administrator_required")
    theirs = {"slots": [slot()], "tenant_id": str(people.default_tenant)}
    for who in (people.other_admin, people.customer):
        error = await refusal(owner, api.session(who), "add_slots", theirs)
        assert (error.status, error.code) == (404, "tenant_not_found")


@pytest.mark.parametrize("is_named", [True, False])
async def test_fifty_who_add_the_same_day_add_it_once(
    owner: asyncpg.Connection, service: Session, is_named: bool
) -> None:
    async def one(n: int) -> dict[str, Any]:
        day = [slot(k, slot_id=f"s{k}") if is_named else slot(k) for k in range(10)]
        return await add(service, *(day if n % 2 else reversed(day)))

    replies = await asyncio.gather(*(one(n) for n in range(50)))
    assert sum(reply["added"] for reply in replies) == 10
    assert await owner.fetchval("select count(*) from public.slots") == 10
