"""The overview: what was sent, to how many, and who was held back for which reason, over time."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from casebase.console.kit import StaffDep, carried, page
from casebase.kernel.clock import known_zone
from casebase.modules.notifications import overview_view
from casebase.modules.notifications.pages.organization import OrganizationDep

router = APIRouter()

# Whole weeks, so that a bar is not lower than its neighbours for being shorter.
_PERIODS: Final = {"7": "7 days", "28": "4 weeks", "91": "A quarter", "364": "A year"}
_DEFAULT: Final = "28"


@router.get("/overview")
async def overview(
    request: Request, staff: StaffDep, organization: OrganizationDep, days: str = _DEFAULT
) -> Response:
    """Show the last days of the person's organisation; an unknown period is the usual one."""
    days = days if days in _PERIODS else _DEFAULT
    settings = await staff.call("get_notification_settings", organization.named)
    today = request.app.state.runtime.clock.now().astimezone(known_zone(settings["timezone"])).date()
    found = await staff.call(
        "get_notification_overview",
        {**organization.named, "from_day": today - timedelta(days=int(days) - 1), "to_day": today},
    )
    return page(
        request,
        "notifications/overview.html",
        title="Overview",
        found=found,
        view=overview_view.view(found, carried(request)),
        periods=_PERIODS,
        chosen=days,
    )
