"""The console's pages of the module, a file a subject; all of them behind the login."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.responses import RedirectResponse, Response

from casebase.modules.enforcement.pages import (
    audit,
    boards,
    calls,
    case,
    case_work,
    cases,
    imports,
    overrides,
    pipeline,
    settings,
)
from casebase.modules.enforcement.pages.case_form import PIPELINE_PATH

router = APIRouter()
for _subject in (pipeline, cases, case, case_work, calls, boards, imports, overrides, audit, settings):
    router.include_router(_subject.router)


@router.get("")
@router.get("/")
async def home() -> Response:
    """Lead to the list."""
    return RedirectResponse(PIPELINE_PATH, status_code=303)
