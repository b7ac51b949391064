"""The console's pages of the module, a file a subject; all of them behind the login."""

from __future__ import annotations

from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import Response

from casebase.modules.frontdesk.pages import (
    bookings,
    calendar,
    desk_settings,
    metrics,
    orders,
    phi,
    products,
    scores,
    slots,
)
from casebase.modules.frontdesk.pages.tenant import ROOT, choose, led

router = APIRouter()
for _subject in (calendar, slots, bookings, orders, products, scores, metrics, phi, desk_settings):
    router.include_router(_subject.router)


@router.get("", dependencies=[Depends(choose)])
@router.get("/", dependencies=[Depends(choose)])
async def home(request: Request) -> Response:
    """Lead to the calendar."""
    return led(request, f"{ROOT}/calendar")
