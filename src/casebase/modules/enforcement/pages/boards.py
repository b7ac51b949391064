"""The boards: open cases and balances by tier and stage."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from casebase.console.kit import StaffDep, page
from casebase.modules.enforcement import board_view
from casebase.modules.enforcement.pages.case_form import tenant_of

router = APIRouter()


@router.get("/boards")
async def boards(request: Request, staff: StaffDep) -> Response:
    """Show where the tenant's open cases stand."""
    found = await staff.call("get_enforcement_board", {"tenant_id": tenant_of(staff)})
    return page(request, "enforcement/boards.html", title="Boards", board=board_view.view(found))
