"""Over which days a page tells: those of the tenant's time zone, from one until another, as the URL names them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from starlette.requests import Request

from casebase.console.kit import Filter
from casebase.modules.frontdesk import wording

_DAY: Final = r"\d{4}-\d{2}-\d{2}"
PERIODS: Final = {"7": "7 days", "28": "4 weeks", "91": "A quarter", "364": "A year"}
"""Whole weeks, so that a bar is not lower than its neighbours for being shorter."""


def _shown(value: str) -> str:
    try:
        return wording.weekday(date.fromisoformat(value))
    except ValueError:
        return value


LAST: Final = Filter("days", "Last", pattern="|".join(PERIODS), show=lambda value: PERIODS[value].lower())
"""The chip of a list that is of one of the periods."""
RANGE: Final = (
    Filter("from", "From", pattern=_DAY, show=_shown),
    Filter("until", "Until", pattern=_DAY, show=_shown),
)
"""The chips of a list that can be narrowed to days."""


@dataclass(frozen=True, slots=True)
class Range:
    """From a day until another, either of which may be open."""

    first: date | None
    last: date | None
    where: ZoneInfo

    @property
    def payload(self) -> dict[str, str]:
        """The fields of a payload that ask for them; the last day is in it."""
        fields = {}
        if self.first:
            fields["from"] = _begins(self.first, self.where)
        if self.last:
            fields["until"] = _begins(self.last + timedelta(days=1), self.where)
        return fields


def read_range(request: Request, where: ZoneInfo) -> Range:
    """Return the days that the URL asks for; what is no day counts as absent."""
    query = request.query_params
    return Range(_day(query.get("from", "")), _day(query.get("until", "")), where)


def chosen(days: str) -> str:
    """Return the name of the period that the URL asks for: four weeks unless it names another."""
    return days if days in PERIODS else "28"


def last_days(days: str, today: date, where: ZoneInfo) -> Range:
    """Return the last days up to today, of a period's name."""
    return Range(today - timedelta(days=int(days) - 1), today, where)


def _day(text: str) -> date | None:
    try:
        found = date.fromisoformat(text)
    except ValueError:
        return None
    return found if 2000 < found.year < 2199 else None


def _begins(day: date, where: ZoneInfo) -> str:
    return datetime.combine(day, time(0), where).isoformat()


def days_between(range_: Range) -> list[date]:
    """Return each day of a range that is bounded."""
    assert range_.first is not None
    assert range_.last is not None
    return [range_.first + timedelta(days=n) for n in range((range_.last - range_.first).days + 1)]
