"""The module's console page."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from casebase.console.kit import StaffDep, page

router = APIRouter()


@router.get("/greetings")
async def greetings(request: Request, staff: StaffDep) -> Response:
    """List the greetings."""
    return page(
        request, "toy/greetings.html", title="Greetings", greetings=await staff.call("list_greetings")
    )
