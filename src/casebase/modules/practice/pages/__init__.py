"""The console's pages of the module: how practice is used and what its service did; nobody is named on them."""

from __future__ import annotations

from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from casebase.console.kit import StaffDep, carried, page
from casebase.modules.practice import overview_view
from casebase.modules.practice.pages import log
from casebase.modules.practice.pages.period import PERIODS, ROOT, PeriodDep, choose, rates

router = APIRouter()
router.include_router(log.router)


@router.get("", dependencies=[Depends(choose)])
@router.get("/", dependencies=[Depends(choose)])
async def home(request: Request) -> Response:
    """Lead to the overview."""
    return RedirectResponse(carried(request)(f"{ROOT}/overview"), status_code=303)


@router.get("/overview")
async def overview(request: Request, staff: StaffDep, period: PeriodDep) -> Response:
    """Show how practice was used over a period, as its log counts it."""
    return page(
        request,
        "practice/console/overview.html",
        title="Overview",
        view=overview_view.view(await rates(staff, period), period.begins, period.step, carried(request)),
        periods=PERIODS,
        period=period,
    )
