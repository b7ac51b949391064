"""The console's pages of the module, a file a subject; all of them behind the login."""

from __future__ import annotations

from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import Response

from casebase.modules.notifications.overview_view import OVERVIEW_PATH
from casebase.modules.notifications.pages import due, evaluate, failed, overview, person, rules, runs, sent
from casebase.modules.notifications.pages.organization import choose, led

router = APIRouter()
for _subject in (overview, evaluate, due, sent, failed, person, runs, rules):
    router.include_router(_subject.router)


@router.get("", dependencies=[Depends(choose)])
@router.get("/", dependencies=[Depends(choose)])
async def home(request: Request) -> Response:
    """Lead to the overview."""
    return led(request, OVERVIEW_PATH)
