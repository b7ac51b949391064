"""A calendar shows the tenant's own days: every slot, who took it, and what was booked beside the slots."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg
import pytest

from casebase.kernel.db import Database, Session
from casebase.kernel.errors import CasebaseError
from tests.frontdesk.conftest import Book, MakeSlot, People


async def _calendar(session: Session, from_day: str, to_day: str = "", **fields: Any) -> dict[str, Any]:
    payload = {"from_day": from_day, "to_day": to_day or from_day, **fields}
    shown: dict[str, Any] = await session.call("get_booking_calendar", {"payload": payload})
    return shown


async def test_shows_slots_with_who_took_them(
    api: Database, people: People, owner: asyncpg.Connection, make_slot: MakeSlot, book: Book
) -> None:
    tomorrow = datetime.now(UTC).replace(hour=9, minute=0, second=0, microsecond=0) + timedelta(days=1)
    for hour, name in enumerate(("free", "held", "confirmed", "gone", "cancelled")):
        await make_slot(name, resource="Chair 1", starts_at=tomorrow + timedelta(hours=hour))
    await make_slot("course", resource="Hall", starts_at=tomorrow, capacity=3)
    await make_slot("theirs", tenant_id=people.other_tenant, starts_at=tomorrow)
    for slot, is_confirmed in (("held", False), ("confirmed", True), ("gone", False), ("course", True)):
        await book(slot, is_confirmed=is_confirmed)
    cancelled = await book("cancelled")
    at = {"starts_at": tomorrow.isoformat(), "ends_at": (tomorrow + timedelta(hours=1)).isoformat()}
    await book("elsewhere", **at, user_name="Grace Hopper")
    await owner.execute(
        "update bookings set status = 'cancelled', cancelled_at = now(), cancel_reason = 'cancelled' where id = $1",
        cancelled["booking_id"],
    )
    await owner.execute("update bookings set hold_expires_at = now() - interval '1 s' where slot_id = 'gone'")

    shown = await _calendar(api.session(people.member), str(tomorrow.date()))

    found = {
        slot["slot_id"]: (slot["free"], [(b["status"], b["user_name"]) for b in slot["bookings"]])
        for slot in shown["slots"]
    }
    assert found == {
        "free": (1, []),
        "held": (0, [("pending", "Ada Byron")]),
        "confirmed": (0, [("confirmed", "Ada Byron")]),
        "gone": (1, []),
        "cancelled": (1, []),
        "course": (2, [("confirmed", "Ada Byron")]),
    }
    assert [(b["slot_id"], b["user_name"]) for b in shown["bookings"]] == [("elsewhere", "Grace Hopper")]
    assert shown["is_more"] is False
    only = await _calendar(api.session(people.member), str(tomorrow.date()), resource="Hall")
    assert [slot["slot_id"] for slot in only["slots"]] == ["course"]


async def test_days_are_those_of_the_tenants_time_zone(
    owner: asyncpg.Connection, api: Database, people: People, make_slot: MakeSlot
) -> None:
    await owner.execute(
        "insert into frontdesk.settings (tenant_id, time_zone) values ($1, 'Pacific/Auckland')",
        people.default_tenant,
    )
    await make_slot(
        "monday", starts_at=datetime(2026, 6, 14, 12, 0, tzinfo=UTC)
    )  # Auckland: the first half hour
    await make_slot("sunday", starts_at=datetime(2026, 6, 14, 11, 30, tzinfo=UTC))
    await make_slot("both", starts_at=datetime(2026, 6, 14, 11, 45, tzinfo=UTC))
    member = api.session(people.member)
    days = {
        day: {slot["slot_id"] for slot in (await _calendar(member, day))["slots"]}
        for day in ("2026-06-13", "2026-06-14", "2026-06-15")
    }
    assert days == {"2026-06-13": set(), "2026-06-14": {"sunday", "both"}, "2026-06-15": {"both", "monday"}}


async def test_the_hour_after_midnight_may_come_twice(
    owner: asyncpg.Connection, api: Database, people: People, make_slot: MakeSlot
) -> None:
    await owner.execute(
        "insert into frontdesk.settings (tenant_id, time_zone) values ($1, 'Atlantic/Azores')",
        people.default_tenant,
    )
    for hour in (0, 1):  # both at midnight, by the clock
        await make_slot(f"midnight {hour}", starts_at=datetime(2026, 10, 25, hour, tzinfo=UTC))
    member = api.session(people.member)
    assert not (await _calendar(member, "2026-10-24"))["slots"]
    assert len((await _calendar(member, "2026-10-25"))["slots"]) == 2


@pytest.mark.parametrize("beside_slots", [True, False])
async def test_tells_that_there_is_more_than_it_shows(
    owner: asyncpg.Connection, api: Database, people: People, beside_slots: bool
) -> None:
    nine = datetime(2026, 6, 17, 9, tzinfo=UTC)
    table, columns, values = (
        ("bookings", "user_name, user_email, status", "'Ada Byron', 'ada@example.com', 'confirmed'")
        if beside_slots
        else ("slots", "capacity", "1")
    )

    async def fill(first: int, last: int) -> tuple[int, bool]:
        await owner.execute(
            f"insert into {table} (tenant_id, slot_id, resource, starts_at, ends_at, {columns}) "
            f"select $1, n::text, n::text, $2::timestamptz, $2::timestamptz + interval '1 hour', {values} from generate_series($3::int, $4) n",
            people.default_tenant, nine, first, last,
        )  # fmt: skip
        shown = await _calendar(api.session(people.member), "2026-06-17")
        return len(shown[table]), shown["is_more"]

    assert await fill(1, 2000) == (2000, False)
    assert await fill(2001, 2001) == (2000, True)


@pytest.mark.parametrize(
    ("from_day", "to_day"),
    [("2026-06-02", "2026-06-01"), ("2026-06-01", "2026-07-02"), ("1999-12-31", "2000-01-01")],
)
async def test_refuses_days_that_make_no_calendar(service: Session, from_day: str, to_day: str) -> None:
    with pytest.raises(CasebaseError) as refused:
        await _calendar(service, from_day, to_day)
    assert refused.value.code == "invalid_input"


async def test_is_for_members(api: Database, people: People) -> None:
    for person in (people.customer, people.other_member):
        with pytest.raises(CasebaseError) as refused:
            await _calendar(api.session(person), "2026-06-17", tenant_id=str(people.default_tenant))
        assert refused.value.code == "tenant_not_found"
