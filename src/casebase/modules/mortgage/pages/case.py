"""One case: advice, timeline, history, what staff decide on it, its outcome, its contact unmasked for a reason."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Final
from urllib.parse import urlencode
from uuid import UUID

import fastapi
from fastapi import APIRouter
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from casebase.console.kit import Field, Form, Staff, StaffDep, page, typed_number
from casebase.console.kit.format import words
from casebase.kernel.errors import CasebaseError
from casebase.kernel.privacy.detectors import mask
from casebase.modules.mortgage import case_view, timeline_view
from casebase.modules.mortgage.enums import DecisionReason, Hurdle, OutcomeDecision
from casebase.modules.mortgage.models import Case, CaseEvent
from casebase.modules.mortgage.pages.case_form import form_page, path_of, seen

router = APIRouter()

_EVENTS_A_PAGE: Final = 30

_EDIT: Final = Form(
    (
        Field("notes", "Notes", "textarea", hint="Names, numbers and banks are masked when saved."),
        Field("next_review_at", "Next review", "date"),
        Field("tags", "Tags", hint="Words like #viewing, separated by spaces."),
    )
)
_OUTCOME: Final = Form(
    (
        Field("decision", "Decision", "select", is_required=True,
              options=(("", "Choose"), *((value, words(value)) for value in OutcomeDecision))),
        Field("decision_reason", "Main reason", "select",
              options=(("", "Not told"), *((value, words(value)) for value in DecisionReason))),
        Field("hurdles", "Hurdles", "checkboxes", options=tuple((value, words(value)) for value in Hurdle)),
        Field("bank", "Bank", hint="Kept as its mask."),
        Field("loan_quantum", "Loan", prefix="S$", inputmode="decimal"),
        Field("commission_estimate", "Commission, estimated", prefix="S$", inputmode="decimal"),
        Field("signed_at", "Signed on", "date"),
        Field("notes", "Notes", "textarea", hint="Names, numbers and banks are masked when saved."),
    ),
    submit="Close the case",
)  # fmt: skip
_UNMASK: Final = Form(
    (
        Field(
            "reason",
            "Why you need the contact",
            "textarea",
            is_required=True,
            hint="It stays on the timeline, with your name.",
        ),
    ),
    submit="Show the contact",
)


@router.get("/cases/{case_id}")
async def case(
    request: Request, staff: StaffDep, case_id: UUID, timeline: str = "", before: str | None = None
) -> Response:
    """Show one case, masked; the view is logged."""
    return await _case_page(request, staff, case_id, timeline=timeline, before=before)


@router.post("/cases/{case_id}/edit")
async def edit(request: Request, staff: StaffDep, case_id: UUID) -> Response:
    """Change notes, next review and tags; a case that changed meanwhile is shown with what was typed."""
    form = await request.form()
    typed = {field.name: str(form.get(field.name, "")).strip() for field in _EDIT.fields}
    payload = {"case_id": case_id, "edit": _edited(typed, form), "if_updated_at": str(form["updated_at"])}
    try:
        await staff.call("edit_scenario_case", {"payload": payload})
    except CasebaseError as error:
        if error.status not in (409, 422):
            raise
        refused = _EDIT.filled(typed).refused(error)
        return await _case_page(request, staff, case_id, form=refused, status_code=error.status)
    return RedirectResponse(f"{path_of(case_id)}#decide", status_code=303)


@router.get("/cases/{case_id}/outcome")
async def outcome(request: Request, staff: StaffDep, case_id: UUID) -> Response:
    """Ask how the case ended."""
    return form_page(request, await seen(staff, case_id), _OUTCOME, "Record the outcome", _CLOSING)


@router.post("/cases/{case_id}/outcome")
async def record_outcome(request: Request, staff: StaffDep, case_id: UUID) -> Response:
    """Record the outcome, which closes the case."""
    form = await request.form()
    typed: dict[str, Any] = {field.name: str(form.get(field.name, "")).strip() for field in _OUTCOME.fields}
    typed["hurdles"] = [str(value) for value in form.getlist("hurdles")]
    payload = {"case_id": case_id, **{name: value for name, value in typed.items() if value}}
    for name in ("loan_quantum", "commission_estimate"):
        if name in payload:
            payload[name] = typed_number(payload[name])
    if "notes" in payload:
        payload["notes"] = mask(payload["notes"])
    if "signed_at" in payload:
        now = request.app.state.runtime.clock.now()
        payload["signed_at"] = timeline_view.past_instant(payload["signed_at"], now)
    try:
        await staff.call("record_scenario_outcome", {"payload": payload})
    except CasebaseError as error:
        if error.status not in (409, 422):
            raise
        refused = _OUTCOME.filled(typed).refused(error)
        found = await seen(staff, case_id)
        return form_page(request, found, refused, "Record the outcome", _CLOSING, status_code=error.status)
    return RedirectResponse(path_of(case_id), status_code=303)


@router.get("/cases/{case_id}/contact")
async def ask_contact(request: Request, staff: StaffDep, case_id: UUID) -> Response:
    """Ask why the contact is needed."""
    return form_page(request, await seen(staff, case_id), _UNMASK, "Unmask the contact", _UNMASKING)


@router.post("/cases/{case_id}/contact")
async def contact(
    request: Request, staff: StaffDep, case_id: UUID, reason: Annotated[str, fastapi.Form()] = ""
) -> Response:
    """Show the contact once; the reason stays on the timeline, the page in no cache."""
    found = await seen(staff, case_id)
    try:
        unmasked = await staff.call("unmask_scenario_case", {"case_id": case_id, "reason": mask(reason)})
    except CasebaseError as error:
        if error.status not in (403, 410, 422):
            raise
        refused = _UNMASK.filled({"reason": reason}).refused(error)
        return form_page(request, found, refused, "Unmask the contact", _UNMASKING, status_code=error.status)
    response = page(
        request,
        "mortgage/contact.html",
        title="Contact",
        case=found,
        contact=unmasked,
        case_path=path_of(case_id),
    )
    response.headers["cache-control"] = "no-store"
    return response


_CLOSING: Final = "This closes the case. An outcome is recorded once."
_UNMASKING: Final = "The case stays masked for everyone; you see the contact on the next page only."


async def _case_page(
    request: Request,
    staff: Staff,
    case_id: UUID,
    *,
    timeline: str = "",
    before: str | None = None,
    form: Form | None = None,
    status_code: int = 200,
) -> Response:
    found = await seen(staff, case_id)
    actors = await staff.call("list_case_staff", {"case_id": case_id})
    _, event_types = timeline_view.GROUPS.get(timeline, ("", ()))
    events = await staff.call(
        "list_scenario_events",
        {"case_id": case_id, "event_types": event_types, "cursor": before, "page_size": _EVENTS_A_PAGE},
    )
    documents = await staff.call("list_scenario_documents", {"case_id": case_id})
    following = {"timeline": timeline, "before": events["next_cursor"]}
    return page(
        request,
        "mortgage/case.html",
        title=found.reference,
        case=found,
        view=case_view.view(found, request.app.state.runtime.clock.now()),
        days=timeline_view.days(map(CaseEvent.model_validate, events["items"]), actors),
        groups=[("", "All"), *((name, label) for name, (label, _) in timeline_view.GROUPS.items())],
        group=timeline if event_types else "",
        is_continued=before is not None,
        older_url=f"?{urlencode(following)}#timeline" if events["next_cursor"] else None,
        documents=documents["items"],
        case_path=path_of(case_id),
        review_day=timeline_view.review_day(found.next_review_at),
        form=form or _EDIT.filled(_editable(found)),
        status_code=status_code,
    )


def _editable(found: Case) -> Mapping[str, str]:
    return {
        "notes": found.notes or "",
        "next_review_at": timeline_view.review_day(found.next_review_at),
        "tags": " ".join(tag.tag for tag in found.tags),
    }


def _edited(typed: Mapping[str, str], form: FormData) -> dict[str, Any]:
    had, has = (
        set(text.replace(",", " ").split()) for text in (str(form.get("had_tags", "")), typed["tags"])
    )
    change: dict[str, Any] = {"notes": mask(typed["notes"]) or None}
    # A day says less than the instant that may be stored, so an unchanged day leaves it alone.
    if typed["next_review_at"] != str(form.get("had_review", "")):
        day = typed["next_review_at"]
        change["next_review_at"] = timeline_view.review_instant(day) if day else None
    if has - had:
        change["add_tags"] = sorted(has - had)
    if had - has:
        change["remove_tags"] = sorted(had - has)
    return change
