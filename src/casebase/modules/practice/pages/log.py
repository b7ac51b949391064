"""The operational log: how much of which level over time, and the events themselves, the latest first."""

from __future__ import annotations

from typing import Final

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from casebase.console.kit import Column, Filter, StaffDep, Table, carried, page
from casebase.modules.practice import log_view
from casebase.modules.practice.pages.period import PERIODS, PeriodDep, rates

router = APIRouter()

_TABLE: Final = Table(
    columns=(
        Column("created_at", "When", show=lambda row: log_view.unbroken(row["created_at"])),
        Column(
            "level",
            "Level",
            show=lambda row: log_view.LEVELS[row["level"]],
            badge=lambda row: log_view.TONES[row["level"]],
        ),
        Column("event_type", "Event", show=lambda row: log_view.EVENTS[row["event_type"]]),
        Column("metadata", "Measures", show=lambda row: log_view.measures(row["metadata"])),
        Column("user_key", "Person", show=lambda row: log_view.mark(row["user_key"]), is_secondary=True),
    ),
    sort="-created_at",
    filters=(
        Filter("level", "Level", tuple(log_view.LEVELS.items())),
        Filter("event_type", "Event", tuple(log_view.EVENTS.items())),
    ),
    caption="Events, the latest first",
    empty_title="Nothing was noted",
    empty_text="Nothing of this kind happened in this time. Choose a longer one, or clear the filters.",
)


@router.get("/log")
async def log(request: Request, staff: StaffDep, period: PeriodDep) -> Response:
    """Show the events of a period, narrowed to a level and a type, and how often each kind happened."""
    state = _TABLE.read(request)
    found = await staff.call(
        "list_log_events",
        {
            "payload": {
                **state.filters,
                "from": period.start.isoformat(),
                "until": period.end.isoformat(),
                "cursor": (state.after or {}).get("cursor"),
                "page_size": state.limit,
            }
        },
    )
    complaints = [period.complaint] if period.complaint else []
    complaints += [
        f"There is no such {narrowed.title.lower()}; all are shown."
        for narrowed in _TABLE.filters
        if request.query_params.get(narrowed.name, "").strip() and narrowed.name not in state.filters
    ]
    following = {"cursor": found["next_cursor"]} if found["next_cursor"] else None
    return page(
        request,
        "practice/console/log.html",
        title="Log",
        table=_TABLE.view(request, state, found["items"], following),
        view=log_view.view(await rates(staff, period), period.begins, period.step, carried(request)),
        periods=PERIODS,
        period=period,
        complaints=complaints,
    )
