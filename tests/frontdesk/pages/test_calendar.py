"""The calendar shows who took which slot; from it slots are booked, moved, given back, added and removed."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from html import unescape
from uuid import uuid4

import asyncpg
import httpx

from casebase.kernel.db import Session
from tests.enforcement.pages.reading import text_of
from tests.frontdesk.conftest import Book, MakeSlot, People
from tests.frontdesk.pages.conftest import ROOT, BusyDay
from tests.frontdesk.pages.reading import followed, read, submit

ADA = {"user_name": "Ada Byron", "user_email": "ada@example.com"}
HOURS = {
    "resources": "Chair 1, Chair 2",
    "weekdays": [str(n) for n in range(7)],
    "opens": "09:00",
    "closes": "17:00",
    "minutes": "60",
    "capacity": "2",
    "pause_from": "12:00",
    "pause_until": "13:00",
}


class TestCalendar:
    async def test_says_when_nothing_is_on(self, admin: httpx.AsyncClient, member: httpx.AsyncClient) -> None:
        for view in ("day", "week"):
            assert "Nothing on" in await read(admin, f"calendar?view={view}")
        assert "An administrator adds them" in await read(member, "calendar")

    async def test_shows_who_took_what(self, member: httpx.AsyncClient, busy_day: BusyDay) -> None:
        for view in ("day", "week"):
            text = await read(member, f"calendar?view={view}&on={busy_day.on}")
            for shown in (
                "Confirmed 2", "Held 1", "Free 3 of 6 places", "Taken 50 %", "Grace Hopper", "Alan Kay", "1 of 3",
                "Beside the slots", "Tony Hoare",
            ):  # fmt: skip
                assert shown in text, shown
            only = await read(member, f"calendar?view={view}&on={busy_day.on}&resource=Chair+2")
            assert "Alan Kay" in only
            assert "Grace Hopper" not in only

    async def test_days_are_those_of_the_tenants_clock(
        self, admin: httpx.AsyncClient, owner: asyncpg.Connection, people: People, busy_day: BusyDay
    ) -> None:
        await owner.execute(
            "insert into frontdesk.settings (tenant_id, time_zone) values ($1, 'Asia/Kathmandu')",
            people.default_tenant,
        )
        text = await read(admin, f"calendar?on={busy_day.on}")
        assert "Times are those of Asia/Kathmandu" in text
        assert "14:45–15:15 Grace Hopper" in text

    async def test_a_broken_address_is_a_calendar(self, admin: httpx.AsyncClient) -> None:
        for query in ("on=yesterday", "on=0001-01-01", "view=year", "on=9999-12-31&view=week", "resource=x"):
            assert "Times are those of" in await read(admin, f"calendar?{query}"), query


class TestBooking:
    async def test_a_free_slot_is_booked(
        self, member: httpx.AsyncClient, busy_day: BusyDay, owner: asyncpg.Connection
    ) -> None:
        slot = f"slots/one?slot_id=one-930&on={busy_day.on}"
        assert "Book Chair 1" in await read(member, slot)
        refused = await submit(member, slot, user_name="Ada", user_email="nobody", once="first")
        assert refused.status_code == 422
        assert "Correct the marked fields" in text_of(refused.text)
        booked = await submit(member, slot, **ADA, is_confirmed="true", view="week", once="second")
        text = await followed(member, booked)
        assert "Booked." in text
        assert "Ada Byron" in text
        # A second click sends the same again, and books nothing more.
        assert (
            await submit(member, slot, **ADA, is_confirmed="true", view="week", once="second")
        ).status_code == 303
        assert await owner.fetchval("select count(*) from bookings where slot_id = 'one-930'") == 1
        taken = await submit(member, slot, **ADA, once="third")
        assert taken.status_code == 409
        assert "It is taken" in text_of(taken.text)

    async def test_a_slot_that_was_taken_back_meanwhile_is_neither_booked_nor_moved_to(
        self, member: httpx.AsyncClient, busy_day: BusyDay, service: Session, owner: asyncpg.Connection
    ) -> None:
        await service.call("remove_slot", {"tenant_id": None, "slot_id": "one-930"})
        booked = await submit(member, f"slots/one?slot_id=one-930&on={busy_day.on}", **ADA, view="week")
        assert f"on={busy_day.on}" in booked.headers["location"]
        text = await followed(member, booked)
        assert "That slot is no longer there, so nothing was booked" in text
        assert "Ada Byron" not in text
        here = f"bookings/{busy_day.confirmed}"
        kept = await followed(member, await submit(member, f"{here}/reschedule", slot_id="one-930"))
        assert "That slot is no longer there. The booking keeps its own." in kept
        assert "09:00–09:30" in kept
        assert await owner.fetchval("select count(*) from bookings where slot_id = 'one-930'") == 0

    async def test_a_course_lists_who_is_in_it(self, admin: httpx.AsyncClient, busy_day: BusyDay) -> None:
        text = await read(admin, f"slots/one?slot_id=course&on={busy_day.on}")
        assert "2 of 3 places free" in text
        assert "Radia Perlman" in text
        for address in (
            "slots/one",
            f"slots/one?slot_id=none&on={busy_day.on}",
            "slots/one?slot_id=course&on=never",
        ):
            assert (await admin.get(f"{ROOT}/{address}")).status_code == 404, address

    async def test_a_hold_is_confirmed_once(
        self, member: httpx.AsyncClient, busy_day: BusyDay, owner: asyncpg.Connection
    ) -> None:
        here = f"bookings/{busy_day.held}"
        page = (await member.get(f"{ROOT}/{here}")).text
        assert "2 Held until" in text_of(page)
        assert ">Confirm</button>" in page
        assert "Confirmed." in await followed(member, await submit(member, f"{here}/confirm"))
        assert ">Confirm</button>" not in (await member.get(f"{ROOT}/{here}")).text
        await owner.execute(
            "update bookings set status = 'cancelled', cancelled_at = now(), cancel_reason = 'expired' where id = $1",
            busy_day.held,
        )
        refused = await followed(member, await submit(member, f"{here}/confirm"))
        assert "The hold ran out before" in refused
        assert "Hold ran out" in refused

    async def test_it_is_cancelled_after_a_yes(self, member: httpx.AsyncClient, busy_day: BusyDay) -> None:
        here = f"bookings/{busy_day.confirmed}"
        assert "Cancel this booking? Grace Hopper, Chair 1" in await read(member, f"{here}/cancel")
        assert "Confirmed" in await read(member, here)
        assert "Cancelled. The slot is free again." in await followed(
            member, await submit(member, f"{here}/cancel")
        )
        assert "Book Chair 1" in await read(member, f"slots/one?slot_id=one-9&on={busy_day.on}")

    async def test_it_is_moved_to_a_free_slot(self, member: httpx.AsyncClient, busy_day: BusyDay) -> None:
        here = f"bookings/{busy_day.confirmed}"
        html = (await member.get(f"{ROOT}/{here}/reschedule?on={busy_day.on}")).text
        assert set(re.findall(r'name="slot_id" value="([^"]+)"', html)) == {"one-930", "course"}
        assert "Nothing is free on" in await read(member, f"{here}/reschedule?on=2198-12-31")
        moved = await followed(member, await submit(member, f"{here}/reschedule", slot_id="one-930"))
        assert "Moved to its new slot." in moved
        assert "09:30–10:00" in moved
        refused = await followed(member, await submit(member, f"{here}/reschedule", slot_id="two-9"))
        assert "Somebody else has just taken that slot" in refused
        assert "09:30–10:00" in refused

    async def test_an_id_that_nobody_chose_is_not_shown(
        self, admin: httpx.AsyncClient, make_slot: MakeSlot, book: Book
    ) -> None:
        slot_id = await make_slot(str(uuid4()), resource="Chair 1")
        text = await read(admin, f"bookings/{(await book(slot_id))['booking_id']}")
        assert slot_id not in text
        assert "What Chair 1" in text

    async def test_a_booking_without_a_time_is_shown_too(
        self, admin: httpx.AsyncClient, service: Session
    ) -> None:
        payload = {"slot_id": "crm-4711", **ADA}
        booked = await service.call("book_slot", {"payload": payload})
        text = await read(admin, f"bookings/{booked['booking_id']}")
        assert "crm-4711" in text
        assert "When" not in text
        assert "Cancel this booking? Ada Byron, crm-4711" in await read(
            admin, f"bookings/{booked['booking_id']}/cancel"
        )


class TestList:
    async def test_is_narrowed_and_goes_on(
        self, member: httpx.AsyncClient, busy_day: BusyDay, owner: asyncpg.Connection, people: People
    ) -> None:
        for query, count in (
            ("", 4),
            ("?status=pending", 1),
            ("?resource=Chair+1", 1),
            (f"?from={busy_day.on}&until={busy_day.on}", 4),
            (f"?from={date.fromisoformat(busy_day.on) + timedelta(days=1)}", 0),
            ("?from=never", 4),
        ):
            html = (await member.get(f"{ROOT}/bookings{query}")).text
            assert html.count("<tr data-href") == count, query
        await owner.execute(
            "insert into bookings (tenant_id, slot_id, user_name, user_email, status) "
            "select $1, 'x' || n, 'Name ' || n, 'n@example.com', 'confirmed' from generate_series(1, 30) n",
            people.default_tenant,
        )
        first = (await member.get(f"{ROOT}/bookings?status=confirmed")).text
        following = unescape(first.split('rel="next"')[0].rsplit('href="', 1)[1].split('"')[0])
        both = first + (await member.get(following)).text
        assert len(set(re.findall(r'<tr data-href="[^"]*/bookings/([^"]*)"', both))) == 33


class TestSlots:
    async def test_opening_hours_are_seen_before_they_are_added(
        self, admin: httpx.AsyncClient, owner: asyncpg.Connection
    ) -> None:
        days = {"first_day": "2198-06-01", "last_day": "2198-06-02"}
        seen = await submit(admin, "slots/add", **HOURS, **days)
        text = text_of(seen.text)
        assert "28 slots with 56 places on 2 days" in text
        assert "11:00–12:00 13:00–14:00" in text
        assert await owner.fetchval("select count(*) from slots") == 0
        added = await followed(admin, await submit(admin, "slots/add", **HOURS, **days, add="yes"))
        assert "Added 28" in added
        again = await followed(admin, await submit(admin, "slots/add", **HOURS, **days, add="yes"))
        assert "There already 28" in again
        overlapping = {**HOURS, "minutes": "45", "opens": "09:15"}
        refused = await submit(admin, "slots/add", **overlapping, **days, add="yes")
        assert refused.status_code in (409, 422)
        assert "overlap slots that are there" in text_of(refused.text)
        assert await owner.fetchval("select count(*) from slots") == 28

    async def test_slots_that_are_there_stay_as_they_are(
        self, admin: httpx.AsyncClient, owner: asyncpg.Connection, make_slot: MakeSlot
    ) -> None:
        nine = datetime(2198, 6, 4, 9, tzinfo=UTC)
        await make_slot("big", resource="Chair 1", starts_at=nine, minutes=60, capacity=20)
        hours: dict[str, object] = {**HOURS, "first_day": "2198-06-01", "last_day": "2198-12-31"}
        hours |= {"weekdays": ["0"], "closes": "11:00", "resources": "Chair 1"}
        text = text_of((await submit(admin, "slots/add", **hours)).text)
        assert "61 slots with 122 places on 31 days" in text
        assert "There already 1 slot stays as it is" in text
        assert "4 Jun, 09:00–10:00 Chair 1, 20 places" in text
        assert "Mon 4 Jun 2198 1 Mon 11 Jun 2198 2" in text
        added = await followed(admin, await submit(admin, "slots/add", **hours, add="yes"))
        assert "Added 61 There already 1" in added

        # A shorter one at the same time would be the same slot, and would take its places and its end from it.
        hours |= {
            "minutes": "30",
            "closes": "09:30",
            "last_day": "2198-06-04",
            "pause_from": "",
            "pause_until": "",
        }
        nothing = text_of((await submit(admin, "slots/add", **hours)).text)
        assert "Nothing to add" in nothing
        assert "4 Jun, 09:00–10:00 Chair 1, 20 places" in nothing
        again = await followed(admin, await submit(admin, "slots/add", **hours, add="yes"))
        assert "Nothing to add Added 0 There already 1" in again
        assert await owner.fetchrow("select ends_at, capacity from slots where slot_id = 'big'") == (
            nine + timedelta(hours=1),
            20,
        )

    async def test_of_many_that_are_there_none_is_overlooked(
        self, admin: httpx.AsyncClient, owner: asyncpg.Connection, people: People
    ) -> None:
        """More than the calendar tells at once."""
        await owner.execute(
            "insert into slots (tenant_id, slot_id, resource, starts_at, ends_at) "
            "select $1, n::text, 'Room ' || n % 50, s, s + interval '5 minutes' from generate_series(1, 50 * 60) n "
            "cross join lateral (select '2198-06-01Z'::timestamptz + n / 50 * interval '6 hours' as s) s",
            people.default_tenant,
        )
        hours = {
            **HOURS,
            "resources": "Room 7, Room 8",
            "opens": "06:00",
            "closes": "07:00",
            "pause_from": "",
            "pause_until": "",
        }
        text = text_of(
            (await submit(admin, "slots/add", **hours, first_day="2198-06-01", last_day="2198-06-20")).text
        )
        assert "10 slots with 20 places on 5 days" in text
        assert "There already 30 slots stay as they are" in text
        assert "and 24 more" in text

    async def test_what_makes_no_hours_is_said_at_its_field(self, admin: httpx.AsyncClient) -> None:
        hours: dict[str, object] = {**HOURS, "first_day": "2198-06-01", "last_day": "2198-06-10"}
        for field, value, said in (
            ("resources", " , ", "Must name each once"),
            ("resources", "A, A", "Must name each once"),
            ("first_day", "never", "Must be a day"),
            ("last_day", "2198-05-01", "Must not be before the first day"),
            ("last_day", "2199-01-01", "Must be a day"),
            ("weekdays", [], "Must be chosen"),
            ("opens", "9 am", "Must be a time"),
            ("closes", "08:00", "Must be after it opens"),
            ("pause_until", "", "Must be a time"),
            ("minutes", "1e3", "Must be a whole number"),
            ("minutes", "600", "Leaves no time"),
            ("minutes", "5", "Makes more than 1,000 slots"),
            ("capacity", "0", "Must be a whole number"),
        ):
            refused = await submit(admin, "slots/add", **{**hours, field: value})
            assert refused.status_code == 422, field
            assert said in text_of(refused.text)

    async def test_a_damaged_address_is_called_that(self, admin: httpx.AsyncClient) -> None:
        refused = await admin.get(f"{ROOT}/slots/added?added=abc")
        assert refused.status_code == 400
        assert "This address is damaged" in text_of(refused.text)

    async def test_a_slot_is_removed_unless_it_is_booked(
        self, admin: httpx.AsyncClient, busy_day: BusyDay
    ) -> None:
        free = f"slot_id=one-930&on={busy_day.on}"
        assert "Remove this slot? Chair 1" in await read(admin, f"slots/remove?{free}")
        assert "The slot is removed." in await followed(admin, await submit(admin, f"slots/remove?{free}"))
        taken = f"slot_id=one-9&on={busy_day.on}"
        assert "Grace Hopper" in await followed(admin, await submit(admin, f"slots/remove?{taken}"))
