"""The consent behind a case: extended, or withdrawn, when the borrower says so."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Annotated, Final
from uuid import UUID

import fastapi
from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from casebase.console.kit import Field, Form, StaffDep, page
from casebase.kernel.errors import CasebaseError
from casebase.modules.mortgage.models import Case
from casebase.modules.mortgage.pages.case_form import path_of, seen
from casebase.modules.mortgage.timeline_view import SINGAPORE

router = APIRouter()

_EXTEND: Final = Form(
    (
        Field(
            "until",
            "Through",
            "date",
            is_required=True,
            hint="The last day, in Singapore; a year ahead at most.",
        ),
    ),
    submit="Extend",
)


@router.get("/cases/{case_id}/consent")
async def consent(request: Request, staff: StaffDep, case_id: UUID) -> Response:
    """Ask until when the consent holds, or whether it is withdrawn."""
    found = await seen(staff, case_id)
    return _consent_page(request, found, _EXTEND)


@router.post("/cases/{case_id}/consent/extend")
async def extend_consent(
    request: Request, staff: StaffDep, case_id: UUID, until: Annotated[str, fastapi.Form()] = ""
) -> Response:
    """Move the end of the consent."""
    found = await seen(staff, case_id)
    try:
        await staff.call("extend_consent", {"consent_id": found.consent_id, "until": _end_of(until)})
    except CasebaseError as error:
        if error.status not in (400, 409, 422):
            raise
        return _consent_page(request, found, _EXTEND.filled({"until": until}).refused(error), error.status)
    return RedirectResponse(path_of(case_id), status_code=303)


@router.post("/cases/{case_id}/consent/withdraw")
async def withdraw_consent(staff: StaffDep, case_id: UUID) -> Response:
    """End the consent now; what is personal is erased as soon as a worker is free."""
    found = await seen(staff, case_id)
    await staff.call("withdraw_consent", {"consent_id": found.consent_id})
    return RedirectResponse(path_of(case_id), status_code=303)


def _consent_page(request: Request, case: Case, form: Form, status_code: int = 200) -> Response:
    return page(
        request,
        "mortgage/consent.html",
        title="Consent",
        case=case,
        form=form,
        is_over=case.consent_until <= request.app.state.runtime.clock.now(),
        case_path=path_of(case.case_id),
        status_code=status_code,
    )


def _end_of(day: str) -> str | None:
    """Return the first instant after a day in Singapore; null for what is no day, to be refused."""
    try:
        return datetime.combine(date.fromisoformat(day) + timedelta(days=1), time(), SINGAPORE).isoformat()
    except (ValueError, OverflowError):
        return None
