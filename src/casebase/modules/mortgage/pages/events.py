"""What happened on a case, told by staff: a follow-up, a bank's quote, a signature."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final, get_args
from uuid import UUID

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from casebase.console.kit import Field, Form, StaffDep, typed_count, typed_number
from casebase.console.kit.format import words
from casebase.kernel.errors import CasebaseError
from casebase.kernel.payloads import validated
from casebase.modules.mortgage.models import RecordableEvent, ScenarioEvent
from casebase.modules.mortgage.pages.case_form import form_page, path_of, seen
from casebase.modules.mortgage.payloads import event_payload
from casebase.modules.mortgage.timeline_view import past_instant

router = APIRouter()

_EVENT: Final = Form(
    (
        Field(
            "event_type",
            "What happened",
            "select",
            is_required=True,
            options=(("", "Choose"), *((value, words(value)) for value in get_args(RecordableEvent))),
        ),
        Field("occurred_at", "On", "date", hint="Today unless told."),
        Field("channel", "By", hint="Of a follow-up: phone, email, visit."),
        Field("bank", "Bank", hint="Of a quote or signature; kept as its mask."),
        Field("loan_amount", "Loan", prefix="S$", inputmode="decimal"),
        Field("monthly_instalment", "Instalment a month", prefix="S$", inputmode="decimal"),
        Field("net_savings", "Savings", prefix="S$", inputmode="decimal"),
        Field("lock_in_months", "Lock-in, in months", inputmode="numeric"),
        Field("valid_until", "Valid until", "date"),
        Field(
            "note",
            "Note",
            "textarea",
            hint="Names, numbers and banks are masked when saved; rates are refused.",
        ),
    ),
    submit="Put it on the timeline",
)
_READ: Final[Mapping[str, Callable[[str], Any]]] = {
    "loan_amount": typed_number,
    "monthly_instalment": typed_number,
    "net_savings": typed_number,
    "lock_in_months": typed_count,
}
_TITLE: Final = "Record an event"
_TELLING: Final = "The first event of a draft makes it active."


@router.get("/cases/{case_id}/events")
async def event(request: Request, staff: StaffDep, case_id: UUID) -> Response:
    """Ask what happened."""
    return form_page(request, await seen(staff, case_id), _EVENT, _TITLE, _TELLING)


@router.post("/cases/{case_id}/events")
async def record_event(request: Request, staff: StaffDep, case_id: UUID) -> Response:
    """Put it on the timeline."""
    form = await request.form()
    typed = {field.name: str(form.get(field.name, "")).strip() for field in _EVENT.fields}
    told = {name: _READ.get(name, str)(text) for name, text in typed.items() if text}
    given: dict[str, Any] = {"event_type": told.pop("event_type", None)}
    if "occurred_at" in told:
        now = request.app.state.runtime.clock.now()
        given["occurred_at"] = past_instant(told.pop("occurred_at"), now)
    try:
        payload = event_payload(validated(ScenarioEvent, {**given, "payload": told}), case_id)
        await staff.call("record_scenario_event", {"payload": payload})
    except CasebaseError as error:
        if error.status not in (409, 422):
            raise
        refused = _EVENT.filled(typed).refused(error)
        found = await seen(staff, case_id)
        return form_page(request, found, refused, _TITLE, _TELLING, status_code=error.status)
    return RedirectResponse(f"{path_of(case_id)}#timeline", status_code=303)
