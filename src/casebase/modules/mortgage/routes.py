"""``/v1/mortgage``: the public intake of leads, and cases for staff and services."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response

from casebase.kernel.http import PublicCaller, VerifiedCaller
from casebase.modules.mortgage.enums import CaseStatus, Recommendation
from casebase.modules.mortgage.models import Case, CasePage, LeadForm, OpenedCase
from casebase.modules.mortgage.service import Sort, jsonable

router = APIRouter()


@router.post("/leads", status_code=201, response_model=OpenedCase, summary="Open a case from a lead form")
async def create_lead(lead: LeadForm, caller: PublicCaller) -> Response:
    """Write lead, consent, case and inputs in one transaction; queue the advice. Anonymous, rate limited."""
    return await caller.rpc("create_scenario_case", {"payload": jsonable(lead)}, status_code=201)


@router.get("/cases", response_model=CasePage, summary="List cases")
async def list_cases(
    caller: VerifiedCaller,
    status: CaseStatus | None = None,
    recommendation: Recommendation | None = None,
    search: Annotated[
        str | None, Query(max_length=80, description="A reference, its beginning, or initials.")
    ] = None,
    sort: Sort = "-created_at",
    cursor: Annotated[str | None, Query(max_length=200, description="The last page's next_cursor.")] = None,
    page_size: Annotated[int, Query(ge=1, le=200)] = 50,
    tenant_id: UUID | None = None,
) -> Response:
    """Return a page of the tenant's cases, masked, for its staff and for services."""
    return await caller.rpc(
        "list_scenario_cases",
        {
            "status": status,
            "recommendation": recommendation,
            "search": search,
            "sort": sort,
            "cursor": cursor,
            "page_size": page_size,
            "tenant_id": tenant_id,
        },
    )


@router.get("/cases/{case_id}", response_model=Case, summary="Get one case")
async def get_case(case_id: UUID, caller: VerifiedCaller) -> Response:
    """Return one case, masked, with its inputs, calculations and timeline, newest first."""
    return await caller.rpc("get_scenario_case", {"case_id": case_id})
