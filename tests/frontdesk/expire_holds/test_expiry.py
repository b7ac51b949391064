"""Holds that ran out are freed in batches; one that is confirmed in time never is."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from datetime import timedelta

import asyncpg
import pytest

from casebase.kernel.db import Database, Session
from casebase.kernel.errors import RpcError
from casebase.kernel.jobs import Job, JobContext
from casebase.modules.frontdesk import MODULE
from casebase.modules.frontdesk.maintenance import run
from tests.conftest import At
from tests.frontdesk.conftest import TODAY, Book, People
from tests.support.refusals import refusal_of, wrong_fields

WHO = {"user_name": "Ada Byron", "user_email": "ada@example.com"}


async def test_those_that_ran_out_are_freed(
    at: At, owner: asyncpg.Connection, api: Database, people: People
) -> None:
    session = (await at(TODAY)).session()
    await session.call("set_frontdesk_settings", {"payload": {"hold_minutes": 30}})
    other = {"tenant_id": str(people.other_tenant)}
    held = [await session.call("book_slot", {"payload": {"slot_id": str(n), **WHO}}) for n in range(3)]
    held += [
        await session.call("book_slot", {"payload": {"slot_id": str(n), **WHO, **other}}) for n in range(3)
    ]
    kept = {"slot_id": "kept", "is_confirmed": True, **WHO}
    await session.call("book_slot", {"payload": kept})
    minute = timedelta(minutes=1)
    # Settings are a tenant's own: the other's holds last 15 minutes.
    for later, batches in ((14, [0]), (16, [2, 1, 0]), (29, [0]), (31, [2, 1, 0])):
        session = (await at(TODAY + later * minute)).session()
        for count in batches:
            assert await session.call("expire_holds", {"batch_limit": 2}) == count
    assert await owner.fetch(
        "select status, cancel_reason, count(*) from bookings group by 1, 2 order by 1"
    ) == [
        ("cancelled", "expired", 6),
        ("confirmed", None, 1),
    ]
    reply = await session.call("cancel_booking", {"booking_id": held[0]["booking_id"]})
    assert (reply["cancel_reason"], reply["is_repeated"]) == ("expired", True)
    error = await refusal_of(owner, session, "expire_holds", batch_limit=0)
    assert wrong_fields(error) == ["batch_limit"]
    with pytest.raises(RpcError):
        await api.session(people.owner).call("expire_holds")


async def test_every_minute_by_a_job(at: At, owner: asyncpg.Connection) -> None:
    await owner.execute(
        "insert into bookings (tenant_id, slot_id, user_name, user_email, hold_expires_at) "
        "select casebase.default_tenant(), n::text, 'Ada', 'ada@example.com', $1 from generate_series(1, 1100) n",
        TODAY,
    )
    [schedule] = [each for each in MODULE.schedules if each.name == "frontdesk_expire_holds"]
    assert schedule.cron == "* * * * *"
    runtime = await at(TODAY)
    job = Job(schedule.queue, 1, 1, json.loads(schedule.payload), TODAY)
    await run(job, JobContext(runtime, runtime.session()))
    assert await owner.fetchval("select count(*) from bookings where cancel_reason = 'expired'") == 1100


async def test_fifty_who_free_and_fifty_who_confirm(
    owner: asyncpg.Connection, service: Session, book: Book
) -> None:
    held = [(await book(f"s{n}"))["booking_id"] for n in range(50)]
    await owner.execute("update bookings set hold_expires_at = casebase.now() where slot_id ~ '[05]$'")

    async def confirm(booking_id: str) -> str:
        try:
            await service.call("confirm_booking", {"booking_id": booking_id})
        except RpcError as error:
            return error.code
        return "confirmed"

    async def free() -> int:
        count: int = await service.call("expire_holds", {"batch_limit": 3})
        return count

    work = [each for booking_id in held for each in (confirm(booking_id), free())]
    outcomes = await asyncio.gather(*work)
    assert Counter(outcomes[::2]) == {"confirmed": 40, "hold_expired": 10}
    assert sum(outcomes[1::2]) == 10
    assert await owner.fetchval("select count(*) from bookings where status = 'confirmed'") == 40
