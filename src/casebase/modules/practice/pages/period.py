"""Over which time the pages tell: the URL names it, and every link of the module's pages carries it on."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Final

from fastapi import Depends, Query
from starlette.requests import Request

from casebase.console.kit import Staff, carry

ROOT: Final = "/console/practice"
MAX_DAYS: Final = 31
"""What the log is kept for, and a day."""
PERIODS: Final = {"day": "24 hours", "week": "7 days", "month": "30 days"}
_DEFAULT: Final = "week"
_STEPS: Final = {
    "day": (timedelta(hours=1), 24),
    "week": (timedelta(days=1), 7),
    "month": (timedelta(days=1), 30),
}
"""Of how many steps of which length each consists; the last one is still going on."""
_HOURLY: Final = timedelta(days=2)
"""A period up to this long is told by the hour."""


@dataclass(frozen=True, slots=True)
class Period:
    """Whole steps up to the one that is going on, or from one moment until another."""

    name: str
    """Of the usual ones; empty: one's own."""
    start: datetime
    end: datetime
    begins: tuple[datetime, ...]
    """When each step begins; the first one perhaps before the period does."""
    step: timedelta
    complaint: str = ""
    """What the URL asks for that cannot be shown."""

    @property
    def title(self) -> str:
        """What it is called."""
        return PERIODS.get(self.name, "days")


async def choose(
    request: Request,
    period: str = _DEFAULT,
    starts: Annotated[str, Query(alias="from")] = "",
    until: str = "",
) -> Period:
    """Return the period that the URL names or bounds, the usual one where it makes no sense, which is said."""
    complaint = "" if period in PERIODS else "There is no such period; these are the last 7 days."
    if starts or until:
        try:
            return _between(request, starts, until)
        except ValueError as error:
            complaint = f"{error} These are the last 7 days."
    return replace(_usual(request, period), complaint=complaint)


def _usual(request: Request, period: str) -> Period:
    name = period if period in PERIODS else _DEFAULT
    if name != _DEFAULT:
        carry(request, ROOT, period=name)
    step, count = _STEPS[name]
    now = request.app.state.runtime.clock.now()
    last = now.replace(minute=0, second=0, microsecond=0)
    if step >= timedelta(days=1):
        last = last.replace(hour=0)
    begins = tuple(last - step * n for n in reversed(range(count)))
    return Period(name, begins[0], begins[-1] + step, begins, step)


def _between(request: Request, starts: str, until: str) -> Period:
    end = _moment(until) if until else request.app.state.runtime.clock.now()
    start = _moment(starts) if starts else end - timedelta(days=7)
    if not timedelta(0) < end - start <= timedelta(days=MAX_DAYS):
        raise ValueError(f"“Until” must be after “from”, by {MAX_DAYS} days at most.")
    carry(
        request,
        ROOT,
        **{"from": start.isoformat(), "until": end.isoformat()} if until else {"from": start.isoformat()},
    )
    step = timedelta(hours=1) if end - start <= _HOURLY else timedelta(days=1)
    first = start.replace(minute=0, second=0, microsecond=0)
    if step >= timedelta(days=1):
        first = first.replace(hour=0)
    return Period(
        "", start, end, tuple(first + step * n for n in range(math.ceil((end - first) / step))), step
    )


def _moment(text: str) -> datetime:
    try:
        # Forms send no zone; what the console shows is in UTC.
        found = datetime.fromisoformat(text.strip())
        found = found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
    except (ValueError, OverflowError):
        raise ValueError("A moment reads like 2026-11-22T14:30.") from None
    if not 2000 <= found.year < 2200:
        raise ValueError("A moment lies between the years 2000 and 2200.")
    return found


PeriodDep = Annotated[Period, Depends(choose)]


async def rates(staff: Staff, period: Period) -> list[dict[str, Any]]:
    """Return how often what happened in each step."""
    found = await staff.call("get_log_rates", {"from": period.start, "until": period.end})
    counted: list[dict[str, Any]] = found["rates"]
    return counted
