"""Slots out of opening hours: which times of which days a resource can be booked."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

MAX_SLOTS: Final = 1000
"""As many as add_slots takes at once."""


@dataclass(frozen=True, slots=True)
class Slot:
    """A time at which a resource can be booked, in UTC."""

    resource: str
    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class OpeningHours:
    """When resources can be booked on which days, on the tenant's clock."""

    resources: Sequence[str]
    first_day: date
    last_day: date
    weekdays: frozenset[int]
    """0 is Monday."""
    opens: time
    closes: time
    minutes: int
    """How long a slot is."""
    pause: tuple[time, time] | None = None
    """When nothing begins that would not have ended before."""

    @property
    def days(self) -> Iterator[date]:
        """Yield the days that are open."""
        for n in range((self.last_day - self.first_day).days + 1):
            day = self.first_day + timedelta(days=n)
            if day.weekday() in self.weekdays:
                yield day

    def slots(self, where: ZoneInfo) -> Iterator[Slot]:
        """Yield the slots in order; as the clock goes: none in the hour that it skips, and none twice."""
        for day in self.days:
            for begins, ends in self._times():
                starts_at = _instant(day, begins, where)
                ends_at = starts_at + timedelta(minutes=self.minutes)
                # Its first and its last minute are on the clock where they were asked for.
                first, last = (at.astimezone(where) for at in (starts_at, ends_at - timedelta(minutes=1)))
                if (_minutes(first.time()), _minutes(last.time())) != (begins, ends - 1):
                    continue
                for resource in self.resources:
                    yield Slot(resource, starts_at, ends_at)

    def _times(self) -> Iterator[tuple[int, int]]:
        begins, closes = _minutes(self.opens), _minutes(self.closes) or 24 * 60
        pause = tuple(_minutes(edge) for edge in self.pause) if self.pause else None
        while begins + self.minutes <= closes:
            ends = begins + self.minutes
            if pause and begins < pause[1] and pause[0] < ends:
                begins = pause[1]
                continue
            yield begins, ends
            begins = ends


def _minutes(at: time) -> int:
    return at.hour * 60 + at.minute


def _instant(day: date, minutes: int, where: ZoneInfo) -> datetime:
    return datetime.combine(day, time(minutes // 60, minutes % 60), where).astimezone(UTC)
