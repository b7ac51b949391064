"""A calendar as a table: a lane for each resource of each day, a row for each stretch between two times that count.

Slots of a resource never overlap, so each is one cell over its rows. What has no lane, or overlaps what is there (it
came from elsewhere, or the clock was turned back), is listed beside.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import Any, Final
from zoneinfo import ZoneInfo

from casebase.kernel.clock import known_zone
from casebase.modules.frontdesk import wording

_MINUTES_A_DAY: Final = 24 * 60
_SCALES: Final = (10, 15, 20, 30)
"""The shortest slots, in minutes, for which the stylesheet has a scale in which they can be read."""

_SHARED_LANES: Final = 7
"""So many lanes share the page; more have a width each, and are scrolled."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A slot, or a booking of no slot."""

    slot_id: str
    resource: str
    starts_at: datetime
    ends_at: datetime
    """On the tenant's clock."""
    state: str
    """``free``, ``part`` (some places taken), ``held``, ``confirmed`` or ``past`` (not taken, and no longer to be)."""
    title: str
    hint: str
    booking_id: str
    """Of the one booking that took it; empty where there are more places than one, or none is taken."""
    is_slot: bool = True

    @property
    def times(self) -> str:
        """From when until when."""
        return f"{self.starts_at:%H:%M}–{self.ends_at:%H:%M}"


@dataclass(frozen=True, slots=True)
class Cell:
    """What a lane has in a row: an entry over ``rows`` rows, or nothing over one."""

    entry: Entry | None
    rows: int
    begins_day: bool


@dataclass(frozen=True, slots=True)
class Row:
    """A stretch of all days shown, at most an hour."""

    begins: str
    """``09:30`` by the clock."""
    is_hour: bool
    """Whether an hour begins with it."""
    minutes: int
    """Its length, counted up to the next five."""
    now: int | None
    """How far into the row it is now, in quarters; absent elsewhere."""
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Day:
    """A day and the resources that have a lane in it."""

    date: date
    resources: tuple[str, ...]
    is_today: bool
    agenda: tuple[Entry, ...]
    """What is on it, in order, as a narrow screen lists it."""


@dataclass(frozen=True, slots=True)
class Calendar:
    """The days, their rows, and what has no place among them."""

    days: tuple[Day, ...]
    rows: tuple[Row, ...]
    others: tuple[Entry, ...]
    scale: int
    """Of ``_SCALES``, for the stylesheet."""
    figures: tuple[tuple[str, str, str, str], ...]
    """Label, value, hint and tone."""

    @property
    def wide_lanes(self) -> int:
        """How many lanes have a width each, as they are too many to share the page; else 0."""
        count = sum(len(day.resources) for day in self.days)
        return count if count > _SHARED_LANES else 0

    @property
    def is_empty(self) -> bool:
        """Whether nothing is on these days."""
        return not self.rows and not self.others


def view(found: Mapping[str, Any], now: datetime) -> Calendar:
    """Lay out what ``get_booking_calendar`` returned."""
    where = known_zone(found["time_zone"])
    dates = _dates(date.fromisoformat(found["from_day"]), date.fromisoformat(found["to_day"]))
    slots = [_slot(slot, where, now) for slot in found["slots"]]
    entries = slots + [_booking(booking, where) for booking in found["bookings"]]
    lanes, others = _lanes(entries, dates)
    today = now.astimezone(where)
    return Calendar(
        days=tuple(
            Day(
                one,
                tuple(resource for of, resource in lanes if of == one),
                one == today.date(),
                tuple(
                    sorted(
                        (entry for entry in entries if _is_on(entry, one)),
                        key=lambda entry: (entry.starts_at, entry.resource),
                    )
                ),
            )
            for one in dates
        ),
        rows=_rows(lanes, today) if any(lanes.values()) else (),
        others=tuple(others),
        scale=_scale(lanes),
        figures=_figures(found["slots"], now),
    )


def _dates(first: date, last: date) -> list[date]:
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]


def _slot(slot: Mapping[str, Any], where: ZoneInfo, now: datetime) -> Entry:
    ends_at = wording.at(slot["ends_at"], where)
    starts_at = wording.at(slot["starts_at"], where)
    taken, capacity = slot["bookings"], slot["capacity"]
    is_held = any(one["status"] == "pending" for one in taken)
    hint = _held_until(taken[0], where) if capacity == 1 and taken else ""
    if slot["free"] and starts_at <= now:
        state, title = ("part" if taken else "past"), "Not booked"
    elif slot["free"]:
        state = "part" if taken else "free"
        title = "Free"
    else:
        state = "held" if is_held else "confirmed"
        title = taken[0]["user_name"]
    if capacity > 1 and state != "past":
        title = f"{len(taken)} of {capacity}"
        hint = "Full" if not slot["free"] else f"{slot['free']} free" if starts_at > now else ""
    booking_id = taken[0]["booking_id"] if capacity == 1 and taken else ""
    return Entry(slot["slot_id"], slot["resource"], starts_at, ends_at, state, title, hint, booking_id)


def _booking(booking: Mapping[str, Any], where: ZoneInfo) -> Entry:
    return Entry(
        booking["slot_id"],
        booking["resource"] or "",
        wording.at(booking["starts_at"], where),
        wording.at(booking["ends_at"], where),
        "held" if booking["status"] == "pending" else "confirmed",
        booking["user_name"],
        _held_until(booking, where),
        booking["booking_id"],
        is_slot=False,
    )


def _held_until(booking: Mapping[str, Any], where: ZoneInfo) -> str:
    if booking["status"] != "pending":
        return ""
    return f"Held until {wording.at(booking['hold_expires_at'], where):%H:%M}"


def _is_on(entry: Entry, of: date) -> bool:
    """Tell whether an entry is on a day; one that ends at midnight is not on the day that begins then."""
    starts, ends = entry.starts_at.date(), entry.ends_at.date()
    return starts == of or (starts < of <= ends and (ends > of or _clock(entry.ends_at) > 0))


def _minutes(entry: Entry, of: date) -> tuple[int, int] | None:
    """Return where an entry begins and ends on the clock of a day it is on; nothing where the clock was turned back."""
    begins = _clock(entry.starts_at) if entry.starts_at.date() == of else 0
    ends = _clock(entry.ends_at) if entry.ends_at.date() == of else _MINUTES_A_DAY
    return (begins, ends) if begins < ends else None


def _clock(moment: datetime) -> int:
    return moment.hour * 60 + moment.minute


Lanes = dict[tuple[date, str], list[tuple[int, int, Entry]]]


def _lanes(entries: Sequence[Entry], dates: Sequence[date]) -> tuple[Lanes, list[Entry]]:
    """Return what each resource of each day has, in order, and what found no place."""
    resources = sorted({entry.resource for entry in entries if entry.is_slot})
    placed: Lanes = {}
    others: dict[int, Entry] = {}
    for of in dates:
        on_day = []
        for entry in entries:
            if _is_on(entry, of):
                if (minutes := _minutes(entry, of)) is not None and entry.resource in resources:
                    on_day.append((*minutes, entry))
                else:
                    others[id(entry)] = entry
        for resource in resources:
            lane: list[tuple[int, int, Entry]] = []
            # Slots first: what was booked beside them gives way.
            for begins, ends, entry in sorted(on_day, key=lambda one: (not one[2].is_slot, one[:2])):
                if entry.resource != resource:
                    continue
                if any(begins < end and begin < ends for begin, end, _ in lane):
                    others[id(entry)] = entry
                else:
                    lane.append((begins, ends, entry))
            if lane:
                placed[of, resource] = sorted(lane, key=lambda one: one[:2])
        if not any(day == of for day, _ in placed):
            placed[of, ""] = []
    return placed, list(others.values())


def _rows(lanes: Lanes, today: datetime) -> tuple[Row, ...]:
    times = {time for lane in lanes.values() for begins, ends, _ in lane for time in (begins, ends)}
    first, last = min(times) // 60 * 60, -(-max(times) // 60) * 60
    times.update(range(first, last + 1, 60))
    stretches = list(pairwise(sorted(times)))
    is_shown = any(of == today.date() for of, _ in lanes)
    columns = [_cells(lane, stretches) for lane in lanes.values()]
    starts = _day_starts(of for of, _ in lanes)
    rows = []
    for n, (begins, ends) in enumerate(stretches):
        is_now = is_shown and begins <= _clock(today) < ends
        rows.append(
            Row(
                begins=f"{begins // 60:02}:{begins % 60:02}",
                is_hour=begins % 60 == 0,
                minutes=-(-(ends - begins) // 5) * 5,
                now=4 * (_clock(today) - begins) // (ends - begins) if is_now else None,
                cells=tuple(
                    Cell(*cell, begins_day=start)
                    for column, start in zip(columns, starts, strict=True)
                    if (cell := column[n]) is not None
                ),
            )
        )
    return tuple(rows)


def _cells(
    lane: Sequence[tuple[int, int, Entry]], stretches: Sequence[tuple[int, int]]
) -> list[tuple[Entry | None, int] | None]:
    """Return for each stretch the cell that begins there, or nothing where one goes on."""
    cells: list[tuple[Entry | None, int] | None] = [(None, 1)] * len(stretches)
    for begins, ends, entry in lane:
        covered = [n for n, (begin, end) in enumerate(stretches) if begins <= begin and end <= ends]
        cells[covered[0]] = (entry, len(covered))
        for n in covered[1:]:
            cells[n] = None
    return cells


def _day_starts(dates: Iterable[date]) -> list[bool]:
    starts, last = [], None
    for of in dates:
        starts.append(of != last)
        last = of
    return starts


def _scale(lanes: Lanes) -> int:
    shortest = min((ends - begins for lane in lanes.values() for begins, ends, _ in lane), default=30)
    return max((scale for scale in _SCALES if scale <= shortest), default=_SCALES[0])


def _figures(found: Sequence[Mapping[str, Any]], now: datetime) -> tuple[tuple[str, str, str, str], ...]:
    free = sum(slot["free"] for slot in found if wording.at(slot["starts_at"], UTC) > now)
    taken = [booking["status"] for slot in found for booking in slot["bookings"]]
    held, places = taken.count("pending"), sum(slot["capacity"] for slot in found)
    return (
        ("Confirmed", str(taken.count("confirmed")), "", "good" if taken.count("confirmed") else ""),
        ("Held", str(held), "free again unless confirmed in time" if held else "", "warning" if held else ""),
        ("Free", str(free), f"of {places} {'place' if places == 1 else 'places'}", ""),
        ("Taken", f"{round(100 * len(taken) / places)} %" if places else "–", "", ""),
    )
