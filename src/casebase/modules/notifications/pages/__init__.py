"""The console's pages of the module, a file a subject; all of them behind the login."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.responses import RedirectResponse, Response

from casebase.modules.notifications.overview_view import OVERVIEW_PATH
from casebase.modules.notifications.pages import due, failed, overview, person, rules, runs, sent

router = APIRouter()
for _subject in (overview, due, sent, failed, person, runs, rules):
    router.include_router(_subject.router)


@router.get("")
@router.get("/")
async def home() -> Response:
    """Lead to the overview."""
    return RedirectResponse(OVERVIEW_PATH, status_code=303)
