"""The console's pages of the module, a file a subject; all of them behind the login."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from casebase.modules.notifications.overview_view import OVERVIEW_PATH
from casebase.modules.notifications.pages import due, evaluate, failed, overview, person, rules, runs, sent
from casebase.modules.notifications.pages.organization import OrganizationDep, led

router = APIRouter()
for _subject in (overview, evaluate, due, sent, failed, person, runs, rules):
    router.include_router(_subject.router)


@router.get("")
@router.get("/")
async def home(request: Request, organization: OrganizationDep) -> Response:
    """Lead to the overview."""
    return led(request, OVERVIEW_PATH)
