"""Over which time the pages tell: the URL names it, and every link of the module's pages carries it on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, Any, Final

from fastapi import Depends
from starlette.requests import Request

from casebase.console.kit import Staff, carry

ROOT: Final = "/console/practice"
PERIODS: Final = {"day": "24 hours", "week": "7 days", "month": "30 days"}
_DEFAULT: Final = "week"
_STEPS: Final = {
    "day": (timedelta(hours=1), 24),
    "week": (timedelta(days=1), 7),
    "month": (timedelta(days=1), 30),
}
"""Of how many steps of which length each consists; the last one is still going on."""


@dataclass(frozen=True, slots=True)
class Period:
    """Whole steps up to the one that is going on."""

    name: str
    begins: tuple[datetime, ...]
    step: timedelta

    @property
    def start(self) -> datetime:
        """When the first step begins."""
        return self.begins[0]

    @property
    def end(self) -> datetime:
        """When the last step will have ended."""
        return self.begins[-1] + self.step

    @property
    def title(self) -> str:
        """What it is called."""
        return PERIODS[self.name]


async def choose(request: Request, period: str = _DEFAULT) -> Period:
    """Return the period that the URL names, the usual one for an unknown name."""
    name = period if period in PERIODS else _DEFAULT
    if name != _DEFAULT:
        carry(request, ROOT, period=name)
    step, count = _STEPS[name]
    now = request.app.state.runtime.clock.now()
    last = now.replace(minute=0, second=0, microsecond=0)
    if step >= timedelta(days=1):
        last = last.replace(hour=0)
    return Period(name, tuple(last - step * n for n in reversed(range(count))), step)


PeriodDep = Annotated[Period, Depends(choose)]


async def rates(staff: Staff, period: Period) -> list[dict[str, Any]]:
    """Return how often what happened in each step."""
    found = await staff.call("get_log_rates", {"from": period.start, "until": period.end})
    counted: list[dict[str, Any]] = found["rates"]
    return counted
