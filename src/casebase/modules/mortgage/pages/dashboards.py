"""The dashboards: what comes in, how it ends, what follow-ups do."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from casebase.console.kit import StaffDep, page
from casebase.modules.mortgage import dashboard_view
from casebase.modules.mortgage.service import Client
from casebase.modules.mortgage.timeline_view import SINGAPORE

router = APIRouter()

# Whole weeks, so that a bar is not lower than its neighbours for being shorter.
_PERIODS: Final = {"7": "7 days", "28": "4 weeks", "91": "A quarter", "364": "A year"}
_DEFAULT: Final = "28"


@router.get("/dashboards")
async def dashboards(request: Request, staff: StaffDep, days: str = _DEFAULT) -> Response:
    """Show the last days of the person's tenant; an unknown period is the usual one."""
    days = days if days in _PERIODS else _DEFAULT
    client = Client(staff.db)
    now = request.app.state.runtime.clock.now()
    to_day = now.astimezone(SINGAPORE).date()
    from_day = to_day - timedelta(days=int(days) - 1)
    shown = dashboard_view.view(
        await client.list_daily_stats(from_day, to_day),
        await client.list_recommendation_outcomes(from_day, to_day),
        await client.list_follow_up_effectiveness(from_day, to_day),
    )
    return page(
        request,
        "mortgage/dashboards.html",
        title="Dashboards",
        view=shown,
        periods=_PERIODS,
        chosen=days,
        from_day=from_day,
        to_day=to_day,
    )
