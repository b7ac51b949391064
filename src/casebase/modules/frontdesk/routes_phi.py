"""``/v1/frontdesk/phi``: scan what people write for what identifies them, and read what was found, masked."""

from __future__ import annotations

from functools import partial
from hashlib import sha256
from typing import Annotated, Any, Final
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response
from pydantic import AwareDatetime

from casebase.kernel.db import Session
from casebase.kernel.errors import InvalidInputError
from casebase.kernel.http import VerifiedCaller
from casebase.kernel.http.body import idempotency_key
from casebase.kernel.payloads import jsonable
from casebase.kernel.privacy.detectors import folded_length
from casebase.modules.frontdesk.models.phi import (
    NewPhiEvents,
    NewPhiScan,
    PhiAction,
    PhiCounts,
    PhiEventFilter,
    PhiEventPage,
    PhiScanFinding,
    PhiScanned,
    RecordedPhiEvents,
)
from casebase.modules.frontdesk.phi import KnownNames, PhiScan, scan_phi
from casebase.modules.frontdesk.running import frontdesk_of

router = APIRouter(prefix="/phi")

_SHORT: Final = 2000
"""Characters that are scanned within a few milliseconds: a longer text must not keep other requests waiting."""
_LONGEST: Final = 200_000
"""Characters that are read at most: twice what a text may have, so that no ordinary text has too many once folded."""
_BATCH: Final = 1000

_Since = Annotated[AwareDatetime, Query(alias="from")]


@router.post("/scan", response_model=PhiScanned, summary="Scan a text for personal and health information")
async def scan(scan: NewPhiScan, request: Request, caller: VerifiedCaller) -> PhiScanned:
    """Find what tells of a person, note it, masked, and return the text without it.

    The text is neither stored nor logged. Names of the tenant's own customers are found however they are written; those
    that only orders hold, for who may read orders.
    """
    session: Session = request.app.state.runtime.session(caller.principal)
    # Asked first: what is found by its name tells whose customer somebody is.
    desk = await session.call("get_acting_tenant", {"tenant_id": scan.tenant_id})
    tenant_id = UUID(desk["tenant_id"])
    running = frontdesk_of(request)
    names = await running.customer_names.of(tenant_id, with_orders=desk["is_administrator"])
    look = partial(_scanned, scan, names)
    is_short = len(scan.text) <= _SHORT and folded_length(scan.text) <= _SHORT
    found = look() if is_short else await running.scanner.run(look)
    await _record(session, tenant_id, scan, found, idempotency_key(dict(request.scope["headers"])))
    return PhiScanned(
        tenant_id=tenant_id,
        action=scan.action,
        is_blocked=found.is_blocked,
        masked_text=None if found.is_blocked else found.masked_text,
        findings=tuple(
            PhiScanFinding.model_validate(finding, from_attributes=True) for finding in found.findings
        ),
    )


@router.post(
    "/events", status_code=201, response_model=RecordedPhiEvents, summary="Note what another scan found"
)
async def record_events(events: NewPhiEvents, caller: VerifiedCaller) -> Response:
    """Note what was found elsewhere by ``scan_phi``, masked."""
    return await caller.rpc("record_phi_events", {"payload": jsonable(events)}, status_code=201)


@router.get("/events", response_model=PhiEventPage, summary="List what scans found")
async def list_events(
    caller: VerifiedCaller,
    tenant_id: UUID | None = None,
    phi_type: Annotated[str | None, Query(pattern=r"^[a-z][a-z0-9_]{0,39}$")] = None,
    action_taken: PhiAction | None = None,
    session_id: Annotated[str | None, Query(min_length=1, max_length=200)] = None,
    since: Annotated[AwareDatetime | None, Query(alias="from")] = None,
    until: AwareDatetime | None = None,
    cursor: Annotated[
        str | None,
        Query(max_length=200, pattern="^([0-9a-f]{2})+$", description="The last page's next_cursor."),
    ] = None,
    page_size: Annotated[int, Query(ge=1, le=200)] = 50,
) -> Response:
    """Return a page of events, newest first. For the tenant's owners and admins, and services."""
    wanted = PhiEventFilter(
        tenant_id=tenant_id,
        phi_type=phi_type,
        action_taken=action_taken,
        session_id=session_id,
        since=since,
        until=until,
        cursor=cursor,
        page_size=page_size,
    )
    payload = wanted.model_dump(mode="json", by_alias=True, exclude_none=True)
    return await caller.rpc("list_phi_events", {"payload": payload})


@router.get("/counts", response_model=PhiCounts, summary="Count what scans found")
async def get_counts(
    caller: VerifiedCaller, since: _Since, until: AwareDatetime, tenant_id: UUID | None = None
) -> Response:
    """Return how much was found in a period, by type and by day. For the tenant's owners and admins, and services."""
    period = {"tenant_id": tenant_id, "from": since.isoformat(), "until": until.isoformat()}
    return await caller.rpc("get_phi_counts", {"payload": period})


def _scanned(scan: NewPhiScan, names: KnownNames) -> PhiScan:
    if folded_length(scan.text) > _LONGEST:
        message = f"String should have at most {_LONGEST} characters once its signs are spelled out"
        raise InvalidInputError(
            detail={"errors": [{"field": "text", "rule": "string_too_long", "message": message}]}
        )
    return scan_phi(scan.text, names=names, action=scan.action, min_score=scan.min_score)


async def _record(
    session: Session, tenant_id: UUID, scan: NewPhiScan, found: PhiScan, key: str | None
) -> None:
    """Note the findings before anybody learns of them, a batch a call; a text without any leaves no trace."""
    for nth, at in enumerate(range(0, len(found.findings), _BATCH)):
        payload: dict[str, Any] = {
            "tenant_id": tenant_id,
            "session_id": scan.session_id,
            "action_taken": scan.action,
            "events": [
                {
                    "phi_type": finding.phi_type,
                    "masked_value": finding.masked_value,
                    "context": finding.context,
                    "score": finding.score,
                }
                for finding in found.findings[at : at + _BATCH]
            ],
        }
        batch_key = key and sha256(f"{key}:{nth}".encode()).hexdigest()
        await session.call("record_phi_events", {"payload": payload}, idempotency_key=batch_key)
