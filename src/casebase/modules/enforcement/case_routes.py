"""``/v1/enforcement/cases``: what operators and services do to a case, and what its tenant's members read of it."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response

from casebase.kernel.http import Caller, VerifiedCaller
from casebase.kernel.models import Given
from casebase.kernel.payloads import jsonable
from casebase.modules.enforcement.models import (
    ActionChange,
    Case,
    CasePage,
    ClearedOverride,
    ClosedCase,
    Closure,
    CopilotRequest,
    IssuedSubpoena,
    MovedCase,
    NewCase,
    NewEvent,
    OverriddenTier,
    OverrideEnd,
    Payment,
    RecordedPayment,
    ReviewedSubpoena,
    StageChange,
    Subpoena,
    SubpoenaResponse,
    TierOverride,
    Timeline,
)
from casebase.modules.enforcement.payloads import payload_of
from casebase.modules.enforcement.service import CaseFilter, Entry

router = APIRouter()


@router.post("/cases", status_code=201, response_model=UUID, summary="Open a case")
async def open_case(case: NewCase, caller: VerifiedCaller) -> Response:
    """Open the enforcement of a judgment, at the first stage; the answer is the case's id."""
    return await caller.rpc("open_enforcement_case", {"payload": payload_of(case)}, status_code=201)


@router.get("/cases", response_model=CasePage, summary="List cases")
async def list_cases(
    caller: VerifiedCaller,
    status: Annotated[CaseFilter | None, Query(description="Closed: each of the three ends.")] = None,
    search: Annotated[
        str | None, Query(max_length=80, description="A reference, a docket number, or a plaintiff's name.")
    ] = None,
    cursor: Annotated[str | None, Query(max_length=200, description="The last page's next_cursor.")] = None,
    page_size: Annotated[int, Query(ge=1, le=200)] = 50,
    tenant_id: UUID | None = None,
) -> Response:
    """Return a page of the tenant's cases, closed ones too, the latest opened first."""
    return await caller.rpc(
        "list_enforcement_cases",
        {
            "status": status,
            "search": search,
            "cursor": cursor,
            "page_size": page_size,
            "tenant_id": tenant_id,
        },
    )


@router.get("/cases/{case_id}", response_model=Case, summary="Get one case")
async def get_case(case_id: UUID, caller: VerifiedCaller) -> Response:
    """Return one case with all that belongs to it; the copilot's note for operators only."""
    return await caller.rpc("get_enforcement_case", {"case_id": case_id})


@router.get("/cases/{case_id}/timeline", response_model=Timeline, summary="List what happened to a case")
async def list_timeline(
    case_id: UUID,
    caller: VerifiedCaller,
    kinds: Annotated[list[Entry] | None, Query(max_length=4)] = None,
    cursor: Annotated[str | None, Query(max_length=400, description="The last page's next_cursor.")] = None,
    page_size: Annotated[int, Query(ge=1, le=200)] = 50,
) -> Response:
    """Return a page of a case's events, history, tasks and actions, newest first."""
    return await caller.rpc(
        "list_enforcement_timeline",
        {"case_id": case_id, "kinds": kinds, "cursor": cursor, "page_size": page_size},
    )


@router.post("/cases/{case_id}/close", response_model=ClosedCase, summary="Close a case")
async def close_case(case_id: UUID, closure: Closure, caller: VerifiedCaller) -> Response:
    """End a case as satisfied, uncollectible or withdrawn, and with it its open actions and tasks."""
    return await _change(caller, "close_enforcement_case", case_id, closure)


@router.post("/cases/{case_id}/stage", response_model=MovedCase, summary="Move a case to a stage")
async def set_stage(case_id: UUID, change: StageChange, caller: VerifiedCaller) -> Response:
    """Move a case and set when it wants its next action; an earlier stage needs ``override``."""
    return await _change(caller, "set_enforcement_stage", case_id, change)


@router.post("/cases/{case_id}/events", status_code=201, response_model=UUID, summary="Log an event")
async def log_event(case_id: UUID, event: NewEvent, caller: VerifiedCaller) -> Response:
    """Write what happened to a case; filings and services name their document. The answer is the event's id."""
    return await _change(caller, "log_enforcement_event", case_id, event, status_code=201)


@router.post("/cases/{case_id}/actions", response_model=UUID, summary="Open or change an action")
async def queue_action(case_id: UUID, action: ActionChange, caller: VerifiedCaller) -> Response:
    """Open a levy, garnishment, subpoena or marshal action, or change the open one; the answer is its id."""
    return await _change(caller, "queue_enforcement_action", case_id, action)


@router.post(
    "/cases/{case_id}/payments", status_code=201, response_model=RecordedPayment, summary="Record a payment"
)
async def record_payment(case_id: UUID, payment: Payment, caller: VerifiedCaller) -> Response:
    """Record money received; it lowers the balance of the case and of its judgment together."""
    return await _change(caller, "record_enforcement_payment", case_id, payment, status_code=201)


@router.post(
    "/judgments/{judgment_id}/payments",
    status_code=201,
    response_model=RecordedPayment,
    summary="Record a payment on a judgment",
)
async def record_judgment_payment(judgment_id: UUID, payment: Payment, caller: VerifiedCaller) -> Response:
    """Record money received on the open case of a judgment."""
    payload = payload_of(payment, judgment_id=judgment_id)
    return await caller.rpc("record_enforcement_payment", {"payload": payload}, status_code=201)


@router.post("/cases/{case_id}/override", response_model=OverriddenTier, summary="Override a case's tier")
async def override_tier(case_id: UUID, override: TierOverride, caller: VerifiedCaller) -> Response:
    """Set a case's tier by hand until a time within a year; scores do not move it until then."""
    return await _change(caller, "override_enforcement_tier", case_id, override)


@router.post(
    "/cases/{case_id}/override/clear", response_model=ClearedOverride, summary="End a tier's override"
)
async def clear_override(case_id: UUID, end: OverrideEnd, caller: VerifiedCaller) -> Response:
    """Let a case's score decide its tier again."""
    return await _change(caller, "clear_enforcement_override", case_id, end)


@router.post(
    "/cases/{case_id}/subpoenas", status_code=201, response_model=IssuedSubpoena, summary="Issue a subpoena"
)
async def issue_subpoena(case_id: UUID, subpoena: Subpoena, caller: VerifiedCaller) -> Response:
    """Write that a subpoena was issued, with its document and the task of its response."""
    return await _change(caller, "issue_subpoena", case_id, subpoena, status_code=201)


@router.post(
    "/cases/{case_id}/subpoenas/response",
    response_model=ReviewedSubpoena,
    summary="Record a subpoena's response",
)
async def record_subpoena_response(
    case_id: UUID, response: SubpoenaResponse, caller: VerifiedCaller
) -> Response:
    """Write what a subpoena brought, and plan its review."""
    return await _change(caller, "record_subpoena_response", case_id, response)


@router.post("/cases/{case_id}/copilot", status_code=202, response_model=int, summary="Ask the copilot")
async def request_copilot(case_id: UUID, request: CopilotRequest, caller: VerifiedCaller) -> Response:
    """Queue a note on a case; the answer is the job's id, and the note comes with the case."""
    arguments = jsonable(request) | {"case_id": str(case_id)}
    return await caller.rpc("request_case_copilot", arguments, status_code=202)


async def _change(
    caller: Caller, function: str, case_id: UUID, given: Given, *, status_code: int = 200
) -> Response:
    payload = payload_of(given, case_id=case_id)
    return await caller.rpc(function, {"payload": payload}, status_code=status_code)
