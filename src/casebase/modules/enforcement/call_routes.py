"""``/v1/enforcement/calls``: the call desk, for a tenant's operators and for services."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response

from casebase.kernel.http import VerifiedCaller
from casebase.modules.enforcement.models import (
    Call,
    CallOutcome,
    CallPlan,
    CallTaskPage,
    PlannedCall,
    RecordedCall,
)
from casebase.modules.enforcement.payloads import payload_of

router = APIRouter()


@router.get("/calls", response_model=CallTaskPage, summary="List the calls to make")
async def list_call_tasks(
    caller: VerifiedCaller,
    cursor: Annotated[str | None, Query(max_length=400, description="The last page's next_cursor.")] = None,
    page_size: Annotated[int, Query(ge=1, le=200)] = 50,
    tenant_id: UUID | None = None,
) -> Response:
    """Return a page of the desk: what is due first, the highest tier's first."""
    return await caller.rpc(
        "list_call_tasks", {"cursor": cursor, "page_size": page_size, "tenant_id": tenant_id}
    )


# A GET, though a look is written down: a reply with numbers in it must not be kept under an Idempotency-Key.
@router.get("/calls/{task_id}", response_model=Call, summary="Open one call")
async def open_call(task_id: UUID, caller: VerifiedCaller) -> Response:
    """Return all that a caller needs, the numbers too; that somebody looked is kept."""
    return await caller.rpc("open_call_task", {"task_id": task_id})


@router.post(
    "/plaintiffs/{plaintiff_id}/call-outcomes",
    status_code=201,
    response_model=RecordedCall,
    summary="Log a call's outcome",
)
async def log_call(plaintiff_id: UUID, outcome: CallOutcome, caller: VerifiedCaller) -> Response:
    """Take down a call, end its task and plan the next; 409 for one that 12 CFR 1006.14(b)(2) forbids."""
    arguments = payload_of(outcome, plaintiff_id=plaintiff_id)
    return await caller.rpc("log_call_outcome", arguments, status_code=201)


@router.post(
    "/plaintiffs/{plaintiff_id}/calls", status_code=201, response_model=PlannedCall, summary="Plan a call"
)
async def schedule_call(plaintiff_id: UUID, plan: CallPlan, caller: VerifiedCaller) -> Response:
    """Plan a call to a plaintiff, under the same rule."""
    payload = payload_of(plan, plaintiff_id=plaintiff_id)
    return await caller.rpc("schedule_call", {"payload": payload}, status_code=201)
