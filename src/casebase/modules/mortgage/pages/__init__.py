"""The console's pages of the module, a file a subject; all of them behind the login."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.responses import RedirectResponse, Response

from casebase.modules.mortgage.pages import case, case_list, consent, dashboards, documents, events, inputs
from casebase.modules.mortgage.pages.case_form import CASES_PATH

router = APIRouter()
for _subject in (case_list, case, inputs, events, consent, documents, dashboards):
    router.include_router(_subject.router)


@router.get("")
@router.get("/")
async def home() -> Response:
    """Lead to the list."""
    return RedirectResponse(CASES_PATH, status_code=303)
