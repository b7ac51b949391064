"""The console's pages of mortgage cases: the list, and one case with its advice, timeline and inputs."""

from __future__ import annotations

from uuid import UUID

from fastapi import APIRouter
from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from casebase.console.kit import Column, Filter, StaffDep, Table, page
from casebase.console.kit.format import day, words
from casebase.modules.mortgage import case_view
from casebase.modules.mortgage.case_view import TONES, sgd
from casebase.modules.mortgage.enums import CaseStatus, Recommendation
from casebase.modules.mortgage.service import Client

router = APIRouter()


def _unbroken(text: str) -> Markup:
    return Markup('<span class="nowrap">{}</span>').format(text)


CASES = Table(
    columns=(
        Column("reference", "Case", show=lambda row: _unbroken(row["reference"])),
        Column("initials", "Borrower"),
        Column(
            "recommendation",
            "Advice",
            show=lambda row: words(row["recommendation"]) if row["recommendation"] else "Being advised",
            badge=lambda row: TONES.get(row["recommendation"], "neutral"),
        ),
        Column(
            "net_savings",
            "Savings",
            show=lambda row: sgd(row["net_savings"] if row["recommendation"] else None),
            is_numeric=True,
            is_sortable=True,
        ),
        Column("loan_amount", "Loan", show=lambda row: sgd(row["loan_amount"]), is_numeric=True),
        Column(
            "property_type",
            "Property",
            show=lambda row: case_view.PROPERTIES[row["property_type"]],
            is_secondary=True,
        ),
        Column(
            "status",
            "Status",
            show=lambda row: words(row["status"]),
            badge=lambda row: TONES[row["status"]],
        ),
        Column(
            "created_at",
            "Opened",
            show=lambda row: _unbroken(day(row["created_at"])),
            is_sortable=True,
            is_secondary=True,
        ),
    ),
    sort="-created_at",
    filters=(
        Filter("search", "Case or initials"),
        Filter("status", "Status", tuple((value, words(value)) for value in CaseStatus)),
        Filter("recommendation", "Advice", tuple((value, words(value)) for value in Recommendation)),
    ),
    href=lambda row: f"/console/mortgage/cases/{row['case_id']}",
    caption="Mortgage cases",
    empty_title="No cases yet",
    empty_text="A lead posted to /v1/mortgage/leads appears here with its advice.",
    live="mortgage.case",
)


@router.get("")
@router.get("/")
async def home() -> Response:
    """Lead to the list."""
    return RedirectResponse("/console/mortgage/cases", status_code=303)


@router.get("/cases")
async def cases(request: Request, staff: StaffDep) -> Response:
    """List the tenant's cases."""
    state = CASES.read(request)
    found = await staff.call(
        "list_scenario_cases",
        {
            **state.filters,
            "sort": f"-{state.sort}" if state.is_descending else state.sort,
            "cursor": (state.after or {}).get("cursor"),
            "page_size": state.limit,
        },
    )
    following = {"cursor": found["next_cursor"]} if found["next_cursor"] else None
    table = CASES.view(request, state, found["items"], following)
    return page(request, "mortgage/cases.html", title="Cases", table=table)


@router.get("/cases/{case_id}")
async def case(request: Request, staff: StaffDep, case_id: UUID) -> Response:
    """Show one case, masked."""
    found = await Client(staff.db).get_case(case_id)
    now = request.app.state.runtime.clock.now()
    return page(
        request, "mortgage/case.html", title=found.reference, case=found, view=case_view.view(found, now)
    )
