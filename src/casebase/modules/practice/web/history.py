"""Conversations that are over."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Final

from fastapi import APIRouter, Query
from starlette.requests import Request
from starlette.responses import Response

from casebase.modules.practice.web.person import PersonDep
from casebase.modules.practice.web.templating import page

router = APIRouter()

_PAGE: Final = 20


@router.get("/history")
async def history(
    request: Request, person: PersonDep, before: Annotated[datetime | None, Query()] = None
) -> Response:
    """List them, the newest first."""
    found = await person.call("list_session_history", {"before": before, "limit": _PAGE})
    return page(
        request,
        "history.html",
        title="History",
        items=found["items"],
        next_before=found["next_before"],
        before=before,
    )
