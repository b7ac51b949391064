"""A day's slots with a free place: those that begin in it where the tenant is, are to come, and are not taken."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import asyncpg
import pytest

from casebase.kernel.db import Database, Session
from tests.conftest import At
from tests.frontdesk.conftest import TODAY, MakeSlot, People
from tests.support.refusals import refusal_of, wrong_fields

WHO = {"user_name": "Ada Byron", "user_email": "ada@example.com"}


async def listed(session: Session, on_date: date | str, tenant_id: object = None) -> dict[str, Any]:
    asked = {"tenant_id": tenant_id, "on_date": on_date}
    reply: dict[str, Any] = await session.call("list_available_slots", asked)
    return reply


async def test_free_places_are_counted(at: At, make_slot: MakeSlot) -> None:
    session = (await at(TODAY)).session()
    hour = timedelta(hours=1)
    await make_slot("past", starts_at=TODAY - hour)
    await make_slot("b", starts_at=TODAY + 2 * hour, capacity=3)
    await make_slot("a", starts_at=TODAY + hour)
    await make_slot("tomorrow", starts_at=TODAY + 24 * hour)
    held = await session.call("book_slot", {"payload": {"slot_id": "b", **WHO}})
    await session.call("book_slot", {"payload": {"slot_id": "b", "is_confirmed": True, **WHO}})

    async def free(minutes: int = 0) -> tuple[dict[str, int], timedelta]:
        moment = TODAY + timedelta(minutes=minutes)
        reply = await listed((await at(moment)).session(), TODAY.date())
        fresh_for = datetime.fromisoformat(reply["fresh_until"]) - moment
        return {each["slot_id"]: each["free"] for each in reply["slots"]}, fresh_for

    # A few seconds pass between TODAY and the call.
    def about(minutes: int) -> Any:
        return pytest.approx(minutes * 60, abs=50)

    found, fresh_for = await free()
    assert (list(found.items()), fresh_for.total_seconds()) == ([("a", 1), ("b", 1)], about(5))
    # Not beyond what happens by itself: the hold runs out, and a slot begins.
    found, fresh_for = await free(12)
    assert (found, fresh_for.total_seconds()) == ({"a": 1, "b": 1}, about(3))
    found, fresh_for = await free(58)
    assert (found, fresh_for.total_seconds()) == ({"a": 1, "b": 2}, about(2))
    assert (await free(61))[0] == {"b": 2}

    await session.call("cancel_booking", {"booking_id": held["booking_id"]})
    await session.call("book_slot", {"payload": {"slot_id": "a", **WHO}})
    reply = await listed(session, TODAY.date())
    assert reply["slots"] == [
        {
            "slot_id": "b",
            "resource": "b",
            "starts_at": (TODAY + 2 * hour).isoformat(),
            "ends_at": (TODAY + 2.5 * hour).isoformat(),
            "capacity": 3,
            "free": 2,
        }
    ]


@pytest.mark.parametrize(
    ("time_zone", "day", "hours"),
    [
        ("Europe/Oslo", "2030-03-31", 23),
        ("Europe/Oslo", "2030-10-27", 25),
        ("Europe/Oslo", "2030-06-01", 24),
        # The hour after midnight is skipped, or comes twice.
        ("Atlantic/Azores", "2030-03-31", 23),
        ("Atlantic/Azores", "2030-10-26", 24),
        ("Atlantic/Azores", "2030-10-27", 25),
        ("America/Havana", "2030-11-03", 25),
    ],
)
async def test_days_are_the_tenants(
    service: Session, make_slot: MakeSlot, time_zone: str, day: str, hours: int
) -> None:
    await service.call("set_frontdesk_settings", {"payload": {"time_zone": time_zone}})
    noon = datetime.fromisoformat(day).replace(hour=12, tzinfo=UTC)
    for n in range(-30, 30):
        await make_slot(f"{n}", resource="r", starts_at=noon + timedelta(hours=n))
    reply = await listed(service, day)
    assert (reply["time_zone"], reply["on_date"], len(reply["slots"])) == (time_zone, day, hours)
    where = ZoneInfo(time_zone)
    begins = {datetime.fromisoformat(slot["starts_at"]).astimezone(where) for slot in reply["slots"]}
    assert {str(at.date()) for at in begins} == {day}


async def test_who_may_look(
    owner: asyncpg.Connection, api: Database, people: People, make_slot: MakeSlot
) -> None:
    await make_slot("theirs", tenant_id=people.other_tenant)
    day = await owner.fetchval("select (casebase.now() + interval '1 hour')::date")
    for who in (people.other_member, people.other_admin):
        reply = await listed(api.session(who), day)
        assert ([each["slot_id"] for each in reply["slots"]]) == ["theirs"]
    assert (await listed(api.session(people.member), day))["slots"] == []
    for function in ("list_available_slots", "get_availability_version"):
        for who in (people.member, people.customer):
            error = await refusal_of(
                owner, api.session(who), function, tenant_id=people.other_tenant, on_date=day
            )
            assert (error.status, error.code) == (404, "tenant_not_found")
        for wrong in (None, "1999-01-01", "2200-01-01", "infinity"):
            error = await refusal_of(
                owner, api.session(people.member), function, tenant_id=None, on_date=wrong
            )
            assert wrong_fields(error) == ["on_date"]
