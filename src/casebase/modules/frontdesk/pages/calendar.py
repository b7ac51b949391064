"""The calendar: a day or a week of slots, who took them, and what was booked beside them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from casebase.console.kit import StaffDep, page
from casebase.kernel.clock import known_zone
from casebase.modules.frontdesk import calendar_view, wording
from casebase.modules.frontdesk.pages.tenant import ROOT, DeskDep, settings

router = APIRouter()

PATH: Final = f"{ROOT}/calendar"
VIEWS: Final = {"day": "Day", "week": "Week"}
_DONE: Final = {
    "booked": "Booked.",
    "held": "Held. Confirm it in time, or its slot is free again.",
    "removed": "The slot is removed.",
    "cancelled": "Cancelled. Its slot is free again.",
}
_REFUSED: Final = {
    "slot_not_found": "That slot is no longer there, so nothing was booked. Choose another.",
}


@dataclass(frozen=True, slots=True)
class Shown:
    """What of the calendar the URL asks for."""

    view: str
    on: date
    resource: str

    @property
    def days(self) -> tuple[date, date]:
        """The first and the last day; weeks begin on Monday."""
        if self.view == "day":
            return self.on, self.on
        monday = self.on - timedelta(days=self.on.weekday())
        return monday, monday + timedelta(days=6)

    @property
    def title(self) -> str:
        """The days in words."""
        first, last = self.days
        if first == last:
            return wording.weekday(first)
        return f"{wording.short_day(first)} – {wording.short_day(last)} {last.year}"

    def url(self, **changes: Any) -> str:
        """Return the address of another view, or other days."""
        asked = {"view": self.view, "on": self.on, "resource": self.resource, **changes}
        query = urlencode(
            {name: value for name, value in asked.items() if value and (name, value) != ("view", "day")}
        )
        return f"{PATH}?{query}"

    @property
    def step(self) -> timedelta:
        """To the days before and after."""
        return timedelta(days=1 if self.view == "day" else 7)


def day_of(text: str, otherwise: date) -> date:
    """Return the day that a URL or a form names, or another where that is none of a calendar."""
    try:
        found = date.fromisoformat(text)
    except ValueError:
        return otherwise
    return found if 2000 < found.year < 2199 else otherwise


def today(request: Request, where: ZoneInfo) -> date:
    """Return the day that it is in a zone."""
    now = request.app.state.runtime.clock.now()
    found: date = now.astimezone(where).date()
    return found


@router.get("/calendar")
async def calendar(
    request: Request,
    staff: StaffDep,
    desk: DeskDep,
    view: str = "day",
    on: str = "",
    resource: str = "",
    done: str = "",
    refused: str = "",
) -> Response:
    """Show a day, or the week around it; days are those of the tenant's time zone."""
    where = known_zone((await settings(staff, desk))["time_zone"])
    now = request.app.state.runtime.clock.now()
    shown = Shown(view if view in VIEWS else "day", day_of(on, today(request, where)), resource[:100])
    first, last = shown.days
    days = {"from_day": first.isoformat(), "to_day": last.isoformat()}
    found = await staff.call("get_booking_calendar", {"payload": {**desk.named, **days}})
    resources = sorted({slot["resource"] for slot in found["slots"]})
    if shown.resource:
        found = {
            **found,
            **{
                name: [one for one in found[name] if one["resource"] == resource]
                for name in ("slots", "bookings")
            },
        }
    return page(
        request,
        "frontdesk/calendar.html",
        title=shown.title,
        shown=shown,
        calendar=calendar_view.view(found, now),
        resources=sorted({*resources, *([shown.resource] if shown.resource else [])}),
        is_more=found["is_more"],
        place=wording.place(where),
        views=VIEWS,
        today=today(request, where),
        done=_DONE.get(done, ""),
        refused=_REFUSED.get(refused, ""),
        short_day=wording.short_day,
        weekday=wording.weekday,
        href=lambda entry: _href(entry, shown),
    )


def _href(entry: calendar_view.Entry, shown: Shown) -> str:
    if entry.booking_id:
        return f"{ROOT}/bookings/{entry.booking_id}"
    query = {"on": entry.starts_at.date(), "slot_id": entry.slot_id, "view": shown.view}
    return f"{ROOT}/slots/one?{urlencode(query)}"
