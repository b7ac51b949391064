"""Who changed what: every line of the cases' history, newest first."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from casebase.console.kit import StaffDep, page
from casebase.modules.enforcement import timeline_view
from casebase.modules.enforcement.pages.case_form import path_of, tenant_of

router = APIRouter()

_LINES_A_PAGE = 50


@router.get("/audit")
async def audit(request: Request, staff: StaffDep, before: str | None = None) -> Response:
    """Show a page of the tenant's history."""
    tenant_id = tenant_of(staff)
    desk = await staff.call("get_enforcement_desk", {"tenant_id": tenant_id})
    found = await staff.call(
        "list_enforcement_history", {"tenant_id": tenant_id, "cursor": before, "page_size": _LINES_A_PAGE}
    )
    return page(
        request,
        "enforcement/audit.html",
        title="Audit",
        lines=[
            {
                "at": line["created_at"],
                "reference": line["reference"],
                "href": path_of(line["case_id"]),
                "title": timeline_view.change(line["change"]),
                "changes": [*timeline_view.changed(line["delta"])],
                "note": line["note"],
                "actor": timeline_view.actor(line["actor"], desk["staff"]),
            }
            for line in found["items"]
        ],
        is_continued=before is not None,
        older_url=f"?before={found['next_cursor']}" if found["next_cursor"] else None,
    )
