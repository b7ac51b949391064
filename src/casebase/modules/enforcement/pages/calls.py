"""The call desk: whom to call next, and what became of each call, by keyboard if one likes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any, Final
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

from fastapi import APIRouter
from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from casebase.console.kit import Column, Field, Form, Staff, StaffDep, Table, page
from casebase.console.kit.format import day, money, words
from casebase.kernel.clock import known_zone
from casebase.kernel.errors import CasebaseError, InvalidInputError
from casebase.kernel.privacy.detectors import mask
from casebase.modules.enforcement import timeline_view, wording
from casebase.modules.enforcement.enums import Interest
from casebase.modules.enforcement.pages.case_form import CALLS_PATH, path_of, refused, tenant_of, typed

router = APIRouter()

_RULES: Final[Mapping[str, str]] = {
    "calls_per_window": "as often as the rule allows",
    "quiet_days_after_conversation": "a conversation was held lately",
}
"""What stands against a call, as enforcement.next_call names it."""
_ASKED: Final = ("outcome", "follow_up_at", "interest", "notes")


def _table(now: datetime, outcomes: Mapping[str, str]) -> Table:
    def allowed(row: Mapping[str, Any]) -> str:
        return f"From {day(row['next_call_allowed_at'])}" if row["rule"] else "Now"

    return Table(
        columns=(
            Column("plaintiff_name", "Plaintiff"),
            Column(
                "due_at",
                "Due",
                show=lambda row: wording.due(row["due_at"], now)[0],
                badge=lambda row: wording.due(row["due_at"], now)[1] or "neutral",
            ),
            Column(
                "next_call_allowed_at",
                "May be called",
                show=allowed,
                badge=lambda row: "warning" if row["rule"] else "good",
            ),
            Column(
                "tier",
                "Tier",
                show=lambda row: wording.tier(row["tier"]),
                badge=lambda row: wording.TIER_TONES.get(row["tier"], "neutral"),
            ),
            Column("reference", "Case", show=lambda row: _case_link(row)),
            Column(
                "current_balance",
                "Still due",
                show=lambda row: money(row["current_balance"]),
                is_numeric=True,
            ),
            Column(
                "last_outcome",
                "Last call",
                show=lambda row: outcomes.get(row["last_outcome"], "None yet"),
                is_secondary=True,
            ),
            Column("calls_in_window", "Lately", is_numeric=True, is_secondary=True),
        ),
        sort="due_at",
        href=lambda row: f"{CALLS_PATH}/{row['task_id']}",
        caption="Calls to make",
        empty_title="Nobody is to be called",
        empty_text="Calls that are planned on a case, or by the nightly outreach, appear here.",
        live="enforcement.calls",
    )


def _case_link(row: Mapping[str, Any]) -> Markup | str:
    if not row["case_id"]:
        return "–"
    return Markup('<a class="nowrap" href="{}">{}</a>').format(path_of(row["case_id"]), row["reference"])


@router.get("/calls")
async def calls(request: Request, staff: StaffDep, done: str = "", follow_up: str = "") -> Response:
    """List the calls to make: those that are due first, the best tier's before the others'."""
    tenant_id = tenant_of(staff)
    desk = await staff.call("get_enforcement_desk", {"tenant_id": tenant_id})
    outcomes = {one["outcome"]: one["label"] for one in desk["call_outcomes"]}
    table = _table(request.app.state.runtime.clock.now(), outcomes)
    state = table.read(request)
    found = await staff.call(
        "list_call_tasks",
        {"tenant_id": tenant_id, "cursor": (state.after or {}).get("cursor"), "page_size": state.limit},
    )
    following = {"cursor": found["next_cursor"]} if found["next_cursor"] else None
    return page(
        request,
        "enforcement/calls.html",
        title="Call desk",
        table=table.view(request, state, found["items"], following),
        done=outcomes.get(done, ""),
        follow_up=day(follow_up) if follow_up else "",
    )


def _form(task: Mapping[str, Any]) -> Form:
    where = known_zone(task["time_zone"])
    return Form(
        (
            Field(
                "outcome",
                "How it went",
                "radios",
                is_required=True,
                options=tuple((one["outcome"], one["label"]) for one in task["outcomes"]),
            ),
            Field(
                "follow_up_at",
                "Call again",
                "datetime-local",
                hint=f"On the clock of {where.key.replace('_', ' ')}. Wrong numbers and refusals end the calling.",
            ),
            Field(
                "interest",
                "Interest",
                "select",
                options=(("", "Not told"), *((value.value, words(value)) for value in Interest)),
            ),
            Field("notes", "Notes", "textarea", hint="Names and numbers are masked when saved."),
        ),
        submit="Record the call",
        cancel_url=CALLS_PATH,
    )


@router.get("/calls/{task_id}")
async def call(request: Request, staff: StaffDep, task_id: UUID) -> Response:
    """Show whom to call and on which number; that somebody looked is kept."""
    task = await staff.call("open_call_task", {"task_id": task_id})
    return await _call_page(request, staff, task, _form(task))


@router.post("/calls/{task_id}")
async def record_call(request: Request, staff: StaffDep, task_id: UUID) -> Response:
    """Record how the call went, and plan the next one."""
    sent = await request.form()
    told = {name: str(sent.get(name, "")).strip() for name in _ASKED}
    try:
        at = _instant(told["follow_up_at"], str(sent.get("time_zone", "")))
        recorded = await staff.call(
            "log_call_outcome",
            {
                "plaintiff_id": str(sent.get("plaintiff_id", "")) or None,
                "task_id": task_id,
                "outcome": told["outcome"],
                "interest": told["interest"] or None,
                "notes": mask(told["notes"]) or None,
                "follow_up_at": at,
            },
            idempotency_key=str(sent.get("once", "")) or None,
        )
    except CasebaseError as error:
        if error.code == "task_closed":
            raise
        task = await staff.call("open_call_task", {"task_id": task_id})
        form = _form(task)
        again = _refused(form.filled(typed(form, sent)), error, task)
        return await _call_page(request, staff, task, again, error.status)
    follow_up = recorded["follow_up"]
    tail = f"&follow_up={follow_up['due_at'][:10]}" if follow_up else ""
    return RedirectResponse(f"{CALLS_PATH}?done={recorded['outcome']}{tail}", status_code=303)


def _instant(text: str, zone: str) -> str | None:
    if not text:
        return None
    at = wording.local_instant(text, known_zone(zone))
    if at == text:
        problem = {"field": "follow_up_at", "rule": "format", "message": "must be a day and an hour"}
        raise InvalidInputError(detail={"errors": [problem]})
    return at


def _refused(form: Form, error: CasebaseError, task: Mapping[str, Any]) -> Form:
    if error.code != "call_frequency_exceeded":
        return refused(form, error)
    earliest = error.detail["earliest_at"]
    where = known_zone(task["time_zone"])
    said = f"{words(_RULES[error.detail['rule']])}: not before {wording.local_moment(earliest, where)}."
    return replace(form, errors={"follow_up_at": said})


async def _call_page(
    request: Request, staff: Staff, task: Mapping[str, Any], form: Form, status_code: int = 200
) -> Response:
    desk = await staff.call("get_enforcement_desk", {"tenant_id": tenant_of(staff)})
    where = known_zone(task["time_zone"])
    response = page(
        request,
        "enforcement/call.html",
        title=task["plaintiff"]["name"],
        call=task,
        form=form,
        once=str(uuid4()),
        warning=_warning(task, where),
        status=_status(task),
        attempts=[
            {**one, "by": timeline_view.actor(one["called_by"], desk["staff"])} for one in task["attempts"]
        ],
        tier=wording.tier,
        dollars=wording.dollars,
        case_path=path_of(task["case"]["case_id"]) if task["case"] else "",
        status_code=status_code,
    )
    response.headers["cache-control"] = "no-store"
    return response


def _status(task: Mapping[str, Any]) -> str:
    labels = {one["outcome"]: one["label"] for one in task["outcomes"]}
    return str(labels.get(task["plaintiff"]["status"], words(task["plaintiff"]["status"])))


def _warning(task: Mapping[str, Any], where: ZoneInfo) -> str:
    if not task["rule"]:
        return ""
    until = wording.local_moment(task["next_call_allowed_at"], where)
    return f"Do not call now: {_RULES[task['rule']]}. The next call is allowed from {until}."
