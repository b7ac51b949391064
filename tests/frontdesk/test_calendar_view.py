"""The calendar's table holds every entry once, over exactly its time, whatever was booked and however the clock is turned."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from casebase.modules.frontdesk.calendar_view import Calendar, view

DAY = datetime(2026, 6, 17, tzinfo=UTC)


def found(
    slots: list[dict[str, Any]], bookings: list[dict[str, Any]], days: int = 1, **changes: Any
) -> dict[str, Any]:
    last = (DAY + timedelta(days=days - 1)).date()
    return {
        "time_zone": "UTC", "from_day": str(DAY.date()), "to_day": str(last), "slots": slots, "bookings": bookings,
        **changes,
    }  # fmt: skip


def slot(resource: str, begins: datetime, minutes: int, capacity: int = 1, *taken: str) -> dict[str, Any]:
    return {
        "slot_id": f"{resource}-{begins.isoformat()}", "resource": resource, "starts_at": begins.isoformat(),
        "ends_at": (begins + timedelta(minutes=minutes)).isoformat(), "capacity": capacity,
        "free": capacity - len(taken),
        "bookings": [
            {"booking_id": f"{n}", "status": status, "user_name": "Ada", "hold_expires_at": begins.isoformat()}
            for n, status in enumerate(taken)
        ],
    }  # fmt: skip


def drawn(calendar: Calendar) -> list[tuple[str, str, int]]:
    """Each drawn entry: where it begins by the rows above it, and how many minutes its rows are."""
    lanes = [(day.date, resource) for day in calendar.days for resource in day.resources or ("",)]
    above = dict.fromkeys(range(len(lanes)), 0)
    entries = []
    for n, row in enumerate(calendar.rows):
        free = [lane for lane in above if above[lane] == n]
        assert len(free) == len(row.cells)
        for lane, cell in zip(free, row.cells, strict=True):
            if cell.entry:
                minutes = sum(one.minutes for one in calendar.rows[n : n + cell.rows])
                entries.append((lanes[lane][1], f"{cell.entry.starts_at:%d %H:%M}", minutes))
            above[lane] += cell.rows
    assert set(above.values()) <= {len(calendar.rows)}
    return entries


@given(
    st.lists(
        st.tuples(st.sampled_from("AB"), st.integers(0, 47), st.integers(1, 12), st.booleans()), max_size=12
    )
)
def test_every_entry_is_drawn_once_or_listed(asked: list[tuple[str, int, int, bool]]) -> None:
    slots, bookings = [], []
    for n, (resource, begins, length, is_slot) in enumerate(asked):
        one = slot(resource, DAY + timedelta(minutes=30 * begins), 5 * length)
        clear = all(
            one["resource"] != other["resource"]
            or one["ends_at"] <= other["starts_at"]
            or other["ends_at"] <= one["starts_at"]
            for other in slots
        )
        if is_slot and clear:
            slots.append(one)
        elif not is_slot:
            bookings.append(
                {
                    **one,
                    "booking_id": f"b{n}",
                    "status": "confirmed",
                    "user_name": "Ada",
                    "hold_expires_at": None,
                }
            )
    calendar = view(found(slots, bookings), DAY)
    placed = drawn(calendar) if calendar.rows else []
    within = [one for one in bookings if one["ends_at"] > DAY.isoformat()]
    assert len(placed) + len(calendar.others) == len(slots) + len(within)
    for one in slots:
        begins = datetime.fromisoformat(one["starts_at"])
        if begins.hour < 23:
            length = datetime.fromisoformat(one["ends_at"]) - begins
            assert (one["resource"], f"{begins:%d %H:%M}", length // timedelta(minutes=1)) in placed


def test_states_say_what_can_be_done() -> None:
    hours = [DAY + timedelta(hours=n) for n in range(24)]
    slots = [
        slot("A", hours[8], 60),
        slot("A", hours[9], 60, 1, "confirmed"),
        slot("A", hours[10], 60, 3, "confirmed"),
        slot("A", hours[13], 60),
        slot("A", hours[14], 60, 1, "pending"),
        slot("A", hours[15], 60, 3, "confirmed", "pending"),
        slot("A", hours[16], 60, 2, "confirmed", "confirmed"),
    ]
    calendar = view(found(slots, []), hours[12] + timedelta(minutes=46))
    assert [(one.state, one.title, one.hint) for one in calendar.days[0].agenda] == [
        ("past", "Not booked", ""),
        ("confirmed", "Ada", ""),
        ("part", "1 of 3", ""),
        ("free", "Free", ""),
        ("held", "Ada", "Held until 14:00"),
        ("part", "2 of 3", "1 free"),
        ("confirmed", "2 of 2", "Full"),
    ]
    assert [row.now for row in calendar.rows if row.now is not None] == [3]
    assert [figure[1] for figure in calendar.figures] == ["5", "2", "2", "58 %"]


def test_what_goes_over_midnight_is_on_both_days() -> None:
    night = slot("A", DAY + timedelta(hours=23, minutes=30), 60)
    calendar = view(found([night], [], days=2), DAY)
    assert drawn(calendar) == [("A", "17 23:30", 30), ("A", "17 23:30", 30)]
    assert [len(day.agenda) for day in calendar.days] == [1, 1]
    assert not calendar.others


def test_an_hour_that_the_clock_has_twice_hides_nothing() -> None:
    first = datetime(2026, 10, 25, 0, 30, tzinfo=UTC)  # 02:30, before the clock is turned back
    slots = [slot("A", first + timedelta(minutes=30 * n), 30) for n in range(4)]
    changes = {"time_zone": "Europe/Oslo", "from_day": "2026-10-25", "to_day": "2026-10-25"}
    calendar = view(found(slots, [], **changes), DAY)
    shown = {cell.entry.slot_id for row in calendar.rows for cell in row.cells if cell.entry}
    beside = {one.slot_id for one in calendar.others}
    assert shown | beside == {one["slot_id"] for one in slots}
    assert not shown & beside
    assert slots[0]["slot_id"] in beside  # from 02:30 until 02:00, by the clock
    assert len(calendar.days[0].agenda) == 4
