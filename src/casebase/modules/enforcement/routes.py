"""``/v1/enforcement``: the pipeline, cases, calls, judgments and settings, a file a subject."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response

from casebase.kernel.http import VerifiedCaller
from casebase.modules.enforcement import call_routes, case_routes, document_routes, intake_routes
from casebase.modules.enforcement.models import (
    Board,
    ChangePage,
    CountyList,
    EnforcementSettings,
    JobRequest,
    OverrideList,
    PipelinePage,
    SettingsChange,
)
from casebase.modules.enforcement.payloads import payload_of
from casebase.modules.enforcement.service import Sla

router = APIRouter()
router.include_router(case_routes.router)
router.include_router(document_routes.router)
router.include_router(call_routes.router)
router.include_router(intake_routes.router)


@router.get("/pipeline", response_model=PipelinePage, summary="List what to work on")
async def list_pipeline(
    caller: VerifiedCaller,
    tier: Annotated[str | None, Query(pattern="^tier[0-9]$", description="The collectability tier.")] = None,
    stage: Annotated[str | None, Query(max_length=40, description="None: judgments without a case.")] = None,
    county: Annotated[str | None, Query(max_length=80)] = None,
    state: Annotated[str | None, Query(pattern="^([A-Z]{2})?$", examples=["NY"])] = None,
    sla: Sla | None = None,
    search: Annotated[
        str | None, Query(max_length=80, description="A reference, a docket number, or a plaintiff's name.")
    ] = None,
    cursor: Annotated[str | None, Query(max_length=400, description="The last page's next_cursor.")] = None,
    page_size: Annotated[int, Query(ge=1, le=200)] = 50,
    tenant_id: UUID | None = None,
) -> Response:
    """Return a page of the tenant's judgments as they rank, the highest tier first."""
    return await caller.rpc(
        "list_priority_pipeline",
        {
            "tier": tier,
            "stage": stage,
            "county": county,
            "state": state,
            "sla": sla,
            "search": search,
            "cursor": cursor,
            "page_size": page_size,
            "tenant_id": tenant_id,
        },
    )


@router.get("/pipeline/counties", response_model=CountyList, summary="List the pipeline's counties")
async def list_counties(caller: VerifiedCaller, tenant_id: UUID | None = None) -> Response:
    """Return the states and counties that the tenant's dockets are in."""
    return await caller.rpc("list_pipeline_counties", {"tenant_id": tenant_id})


@router.get("/board", response_model=Board, summary="Count open cases by tier and stage")
async def get_board(caller: VerifiedCaller, tenant_id: UUID | None = None) -> Response:
    """Return how many cases, what they owe and how many are past their SLA, by tier and stage."""
    return await caller.rpc("get_enforcement_board", {"tenant_id": tenant_id})


@router.get("/history", response_model=ChangePage, summary="List what was changed")
async def list_history(
    caller: VerifiedCaller,
    cursor: Annotated[str | None, Query(max_length=400, description="The last page's next_cursor.")] = None,
    page_size: Annotated[int, Query(ge=1, le=200)] = 50,
    tenant_id: UUID | None = None,
) -> Response:
    """Return a page of all that was changed on the tenant's cases, newest first."""
    return await caller.rpc(
        "list_enforcement_history", {"cursor": cursor, "page_size": page_size, "tenant_id": tenant_id}
    )


@router.get("/overrides", response_model=OverrideList, summary="List the tiers set by hand")
async def list_overrides(caller: VerifiedCaller, tenant_id: UUID | None = None) -> Response:
    """Return the tenant's open cases whose tier was set by hand, the soonest to end first."""
    return await caller.rpc("list_tier_overrides", {"tenant_id": tenant_id})


@router.post("/jobs", status_code=202, response_model=int, summary="Queue a job")
async def queue_job(job: JobRequest, caller: VerifiedCaller) -> Response:
    """Queue a job for a worker; the answer is its id, the first one's for a known key."""
    return await caller.rpc("queue_job", {"payload": payload_of(job)}, status_code=202)


@router.get("/settings", response_model=EnforcementSettings, summary="Get a tenant's settings")
async def get_settings(caller: VerifiedCaller, tenant_id: UUID | None = None) -> Response:
    """Return what a tenant decided for itself; for its owners and admins, and for services."""
    return await caller.rpc("get_enforcement_settings", {"tenant_id": tenant_id})


@router.patch("/settings", response_model=EnforcementSettings, summary="Change a tenant's settings")
async def set_settings(change: SettingsChange, caller: VerifiedCaller) -> Response:
    """Change what is given; for the tenant's owners and admins, and for services."""
    return await caller.rpc("set_enforcement_settings", {"payload": payload_of(change)})
