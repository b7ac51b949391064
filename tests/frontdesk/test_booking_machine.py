"""Whatever a desk and its customer do, in whatever order and however much later: places are what a small model says.

Hypothesis plays both, and the clock. The model knows which calls are refused, and why, and what a cache may go on to tell.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import asyncpg
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from casebase.kernel.db import SERVICE, Principal
from tests.frontdesk.conftest import People
from tests.support import machines, reads

START: Final = datetime(2030, 3, 30, 9, tzinfo=UTC)
ONE: Final = timedelta(microseconds=1)
HOLD: Final = timedelta(minutes=15)
TIMES: Final = {
    "soon": START + timedelta(hours=2),
    "single": START + timedelta(days=1),
    "double": START + timedelta(days=1, hours=3),
    "triple": START + timedelta(days=2),
}
SLOTS: Final = (*TIMES, "of no calendar")

SLOT = st.sampled_from(SLOTS)
LISTED = st.sampled_from(list(TIMES))
WHICH = st.integers(0, 7)
LATER = st.sampled_from([timedelta(minutes=1), timedelta(minutes=7), timedelta(minutes=40)])
ASIDE = st.sampled_from([-ONE, timedelta(), ONE])
SELDOM = st.sampled_from([False, False, False, True])


@dataclass
class Booked:
    """A booking as the model expects it."""

    id: str
    slot: str
    place: int
    starts_at: datetime | None
    is_customers: bool
    expires_at: datetime | None
    status: str
    reason: str | None = None

    def cancel(self, reason: str) -> None:
        self.status, self.reason, self.expires_at = "cancelled", reason, None


@dataclass(frozen=True)
class World(machines.World):
    people: People


class Desk(RuleBasedStateMachine):
    """A desk, one customer with an account, and a clock that only goes forward."""

    def __init__(self, world: World) -> None:
        super().__init__()
        self.world = world
        self.now = START
        self.slots: dict[str, int] = {}
        self.bookings: list[Booked] = []
        self.kept: dict[str, tuple[int, datetime, list[Any]]] = {}

    @initialize()
    def open(self) -> None:
        for slot, capacity in zip(TIMES, (2, 1, 2, 3), strict=True):
            self.offer(slot, capacity)

    def teardown(self) -> None:
        self.world.do(self.world.owner.execute("delete from bookings; delete from slots"))

    @rule(by=LATER)
    def time_passes(self, by: timedelta) -> None:
        self.now += by

    @rule(which=WHICH, aside=ASIDE)
    def an_edge_is_near(self, which: int, aside: timedelta) -> None:
        edges = sorted(filter(None, [TIMES["soon"], *(each.expires_at for each in self.bookings)]))
        self.now = max(self.now, edges[which % len(edges)] + aside)

    @rule(slot=SLOT, is_confirmed=st.booleans(), is_customers=st.booleans())
    def book(self, slot: str, is_confirmed: bool, is_customers: bool) -> None:
        refusal, place = self._place_in(slot)
        user_id = str(self.world.people.customer.sub) if is_customers else None
        who = {"user_name": "Ada Byron", "user_email": "ada@example.com", "user_id": user_id}
        payload = {"slot_id": slot, "is_confirmed": is_confirmed, **who}
        reply = self._call(SERVICE, refusal, "book_slot", payload=payload)
        if reply:
            self._free(slot)
            status, expires_at = ("confirmed", None) if is_confirmed else ("pending", self.now + HOLD)
            starts_at = self._starts_at(slot)
            booked = Booked(reply["booking_id"], slot, place, starts_at, is_customers, expires_at, status)
            self.bookings.append(booked)

    @rule(which=WHICH, by_customer=SELDOM)
    def confirm(self, which: int, by_customer: bool) -> None:
        if booked := self._pick(which):
            refusal = self._found_by(booked, by_customer)
            if refusal is None and by_customer:
                refusal = "member_required"
            if refusal is None and booked.status != "confirmed":
                refusal = self._gone(booked)
            is_repeated = booked.status == "confirmed"
            if reply := self._call(self._who(by_customer), refusal, "confirm_booking", booking_id=booked.id):
                assert reply["is_repeated"] == is_repeated
                booked.status, booked.expires_at = "confirmed", None

    @rule(which=WHICH, by_customer=st.booleans())
    def cancel(self, which: int, by_customer: bool) -> None:
        if booked := self._pick(which):
            is_repeated = booked.status == "cancelled"
            refusal = self._found_by(booked, by_customer)
            if refusal is None and by_customer and not is_repeated and self._is_past(booked):
                refusal = "booking_past"
            if reply := self._call(self._who(by_customer), refusal, "cancel_booking", booking_id=booked.id):
                assert reply["is_repeated"] == is_repeated
                if not is_repeated:
                    booked.cancel("cancelled")

    @rule(which=WHICH, to=SLOT, by_customer=st.booleans())
    def move(self, which: int, to: str, by_customer: bool) -> None:
        if booked := self._pick(which):
            refusal = self._found_by(booked, by_customer) or self._gone(booked)
            if refusal is None and by_customer and self._is_past(booked):
                refusal = "booking_past"
            place, is_repeated = booked.place, booked.slot == to
            if refusal is None and by_customer and not is_repeated and to not in self.slots:
                refusal = "slot_not_found"
            if refusal is None and not is_repeated:
                refusal, place = self._place_in(to)
            asked = {"booking_id": booked.id, "slot_id": to}
            if reply := self._call(self._who(by_customer), refusal, "reschedule_booking", **asked):
                assert reply["is_repeated"] == is_repeated
                if not is_repeated:
                    self._free(to)
                    booked.slot, booked.place, booked.starts_at = to, place, self._starts_at(to)

    @rule()
    def free_holds(self) -> None:
        due = [each for each in self.bookings if self._ran_out(each)]
        assert self._call(SERVICE, None, "expire_holds") == len(due)
        for each in due:
            each.cancel("expired")

    @rule(slot=LISTED, capacity=st.integers(1, 3))
    def offer(self, slot: str, capacity: int) -> None:
        highest = max([0, *(each.place for each in self._standing_in(slot))])
        is_known = slot in self.slots
        refusal = "slot_booked" if is_known and self.slots[slot] != capacity and highest > capacity else None
        times = {"starts_at": TIMES[slot].isoformat(), "ends_at": (TIMES[slot] + HOLD).isoformat()}
        payload = {"slots": [{"slot_id": slot, "resource": "desk", "capacity": capacity, **times}]}
        reply = self._call(SERVICE, refusal, "add_slots", payload=payload)
        if reply:
            is_changed = self.slots.get(slot) != capacity
            assert reply["slots"][0]["outcome"] == (
                ("updated" if is_changed else "unchanged") if is_known else "added"
            )
            if is_known:
                self._free(slot)
            self.slots[slot] = capacity

    @rule(slot=LISTED, is_meant=SELDOM)
    def take_back(self, slot: str, is_meant: bool) -> None:
        if not is_meant:
            return
        refusal = None
        if slot not in self.slots:
            refusal = "slot_not_found"
        elif self._standing_in(slot):
            refusal = "slot_booked"
        if self._call(SERVICE, refusal, "remove_slot", tenant_id=None, slot_id=slot):
            self._free(slot)
            del self.slots[slot]

    @invariant()
    def all_is_as_expected(self) -> None:
        found = self._call(SERVICE, None, "list_bookings", payload={"page_size": 200})["items"]
        assert {each["booking_id"]: (each["slot_id"], each["status"], each["place"], each["cancel_reason"]) for each in found} == {
            each.id: (each.slot, each.status, each.place, each.reason) for each in self.bookings
        }  # fmt: skip
        standing = [(each.slot, each.place) for each in self.bookings if each.status != "cancelled"]
        assert len(standing) == len(set(standing))
        for day in sorted({time.date().isoformat() for time in TIMES.values()}):
            self._look_at(day)

    def _look_at(self, day: str) -> None:
        """The day shows what is free, and so would a cache that keeps to its rules."""
        asked = {"tenant_id": None, "on_date": day}
        version = self._call(SERVICE, None, "get_availability_version", **asked)["version"]
        fresh = self._call(SERVICE, None, "list_available_slots", **asked)
        free = {
            slot: capacity - len(self._standing_in(slot))
            for slot, capacity in self.slots.items()
            if TIMES[slot] > self.now and TIMES[slot].date().isoformat() == day
        }
        assert {each["slot_id"]: each["free"] for each in fresh["slots"]} == {
            slot: count for slot, count in free.items() if count > 0
        }
        if day in self.kept:
            kept_version, fresh_until, slots = self.kept[day]
            if kept_version == version and self.now < fresh_until:
                assert slots == fresh["slots"]
                return
            assert version >= kept_version
        self.kept[day] = version, datetime.fromisoformat(fresh["fresh_until"]), fresh["slots"]

    def _pick(self, which: int) -> Booked | None:
        return self.bookings[-1 - which % len(self.bookings)] if self.bookings else None

    def _who(self, by_customer: bool) -> Principal:
        return self.world.people.customer if by_customer else self.world.people.member

    def _found_by(self, booked: Booked, by_customer: bool) -> str | None:
        return "booking_not_found" if by_customer and not booked.is_customers else None

    def _starts_at(self, slot: str) -> datetime | None:
        return TIMES[slot] if slot in self.slots else None

    def _ran_out(self, booked: Booked) -> bool:
        return booked.expires_at is not None and booked.expires_at <= self.now

    def _is_past(self, booked: Booked) -> bool:
        return booked.starts_at is not None and booked.starts_at <= self.now

    def _gone(self, booked: Booked) -> str | None:
        """Why a booking keeps no place any more, or None."""
        if self._ran_out(booked) or booked.reason == "expired":
            return "hold_expired"
        return "booking_cancelled" if booked.status == "cancelled" else None

    def _standing_in(self, slot: str) -> list[Booked]:
        return [
            each
            for each in self.bookings
            if each.slot == slot and each.status != "cancelled" and not self._ran_out(each)
        ]

    def _free(self, slot: str) -> None:
        for each in self.bookings:
            if each.slot == slot and self._ran_out(each):
                each.cancel("expired")

    def _place_in(self, slot: str) -> tuple[str | None, int]:
        """Why a slot cannot be had, or None, and the place that is."""
        if slot in self.slots and TIMES[slot] <= self.now:
            return "slot_past", 0
        taken = {each.place for each in self._standing_in(slot)}
        places = [n for n in range(1, self.slots.get(slot, 1) + 1) if n not in taken]
        return (None, places[0]) if places else ("slot_unavailable", 0)

    def _call(self, principal: Principal, refusal: str | None, function: str, **arguments: Any) -> Any:
        """The answer, or None where it must be refused, and is, with this code."""
        answer, code = self.world.outcome(self._at_now(principal, function, arguments))
        assert code == refusal, (function, arguments)
        return answer

    async def _at_now(self, principal: Principal, function: str, arguments: dict[str, Any]) -> Any:
        async with self.world.owner.transaction():
            await self.world.owner.execute(
                "select set_config('casebase.clock_offset', "
                "extract(epoch from $1::timestamptz - now()) || ' seconds', true)",
                self.now,
            )
            return await reads.call(self.world.owner, principal, function, arguments)


async def test_it_is_what_the_model_says(owner: asyncpg.Connection, people: People) -> None:
    world = World(asyncio.get_running_loop(), owner, people)
    await machines.play(lambda: Desk(world), examples=15, steps=40)
