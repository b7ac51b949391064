"""What an operator can do on an open case: what each piece of work asks, and the call its answer becomes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from casebase.console.kit import Field, Form, typed_number
from casebase.console.kit.format import words
from casebase.kernel.errors import InvalidInputError
from casebase.modules.enforcement import wording
from casebase.modules.enforcement.documents import ACCEPTED
from casebase.modules.enforcement.enums import ActionType, CaseStatus
from casebase.modules.enforcement.pages.case_form import given

MASKED: Final = "Names and numbers of the debtor are masked when saved."
_NOTE: Final = Field("note", "Note", "textarea", hint=MASKED)


@dataclass(frozen=True, slots=True)
class Ground:
    """What a form is drawn from and its answer is read with: the case, the rules, the time and where it is read."""

    file: Mapping[str, Any]
    desk: Mapping[str, Any]
    documents: tuple[Mapping[str, Any], ...]
    query: Mapping[str, str]
    now: datetime
    where: ZoneInfo

    @property
    def case(self) -> Mapping[str, Any]:
        """The case itself."""
        case: Mapping[str, Any] = self.file["case"]
        return case


@dataclass(frozen=True, slots=True)
class Work:
    """One thing that can be done: what is asked, and the call that the answer becomes."""

    title: str
    explanation: str
    function: str
    form: Callable[[Ground], Form]
    payload: Callable[[Mapping[str, str], Ground], dict[str, Any]]
    doc_kind: Callable[[Mapping[str, str]], str] | None = None
    """What an uploaded file is, where the form takes one."""
    anchor: str = ""
    """Where on the case's page the result is seen."""


def _stage_form(ground: Ground) -> Form:
    present = ground.case["current_stage"]
    ordinals = {s["stage"]: s["ordinal"] for s in ground.desk["stages"]}
    options = tuple(
        (stage, f"{words(stage)}{_standing(ordinals[stage] - ordinals[present])}")
        for stage in ordinals
        if stage != "closed"
    )
    following = next((s for s, n in ordinals.items() if n > ordinals[present] and s != "closed"), present)
    return Form(
        (
            Field("stage", "Stage", "radios", is_required=True, options=options),
            Field("override", "Go back to an earlier stage", "checkbox"),
            _NOTE,
        ),
        submit="Set the stage",
        values={"stage": following},
    )


def _standing(distance: int) -> str:
    return ", as now" if distance == 0 else " (back)" if distance < 0 else ""


def _stage(told: Mapping[str, str], _: Ground) -> dict[str, Any]:
    return {"stage": told["stage"], "override": told["override"] == "true", **given(told, "note")}


def _event_form(ground: Ground) -> Form:
    kinds = tuple(
        (k["event_kind"], f"{words(k['event_kind'])}{' (with document)' if k['needs_document'] else ''}")
        for k in ground.desk["event_kinds"]
        if k["event_kind"] not in ("case_stage_changed", "payment_received")
    )
    tasks = tuple((t["task_id"], t["title"]) for t in ground.file["tasks"] if t["status"] == "open")
    return Form(
        (
            Field(
                "event_kind", "What happened", "select", is_required=True, options=(("", "Choose"), *kinds)
            ),
            Field("occurred_at", "On", "date", hint="Today unless told."),
            Field("name", "Bank, employer or officer"),
            Field("amount", "Amount", prefix="$", inputmode="decimal"),
            Field("reference", "Their reference"),
            _NOTE,
            *_document_fields(ground),
            *(
                (Field("related_task_id", "Which ends the task", "select", options=(("", "None"), *tasks)),)
                if tasks
                else ()
            ),
        ),
        submit="Put it on the timeline",
    )


def _event(told: Mapping[str, str], ground: Ground) -> dict[str, Any]:
    facts: dict[str, Any] = given(told, "name", "reference", "note")
    if told["amount"]:
        amount = typed_number(told["amount"])
        if isinstance(amount, str):
            # The database takes any text in a payload; here an amount was meant.
            problem = {"field": "amount", "rule": "number", "message": "must be an amount, as 1,250.00"}
            raise InvalidInputError(detail={"errors": [problem]})
        facts["amount"] = amount
    return {
        "event_kind": told["event_kind"],
        "payload": facts,
        **given(told, "related_task_id"),
        **_on(told, "occurred_at", ground),
    }


_ACTION_STATUSES: Final = ("queued", "drafted", "filed", "served", "waiting", "completed", "cancelled")


def _action_form(ground: Ground) -> Form:
    present = {a["action_type"]: a["status"] for a in ground.file["actions"] if a["closed_at"] is None}
    chosen = ground.query.get("action_type", "")
    return Form(
        (
            Field("action_type", "Action", "select", is_required=True,
                  options=tuple((t.value, f"{words(t)}{f' ({words(present[t]).lower()})' if t in present else ''}")
                                for t in ActionType)),
            Field("status", "Status", "select", is_required=True,
                  options=tuple((status, words(status)) for status in _ACTION_STATUSES),
                  hint="Completed and cancelled end the action."),
            Field("status_reason", "Why", "textarea", hint=MASKED),
        ),
        values={"action_type": chosen, "status": present.get(chosen, "queued")},
        submit="Save the action",
    )  # fmt: skip


def _action(told: Mapping[str, str], _: Ground) -> dict[str, Any]:
    return {**given(told, "action_type", "status", "status_reason")}


_SOURCES: Final = ("check", "wire", "bank_levy", "garnishment", "marshal", "cash", "other")


def _payment_form(ground: Ground) -> Form:
    return Form(
        (
            Field("amount", "Amount", prefix="$", inputmode="decimal", is_required=True,
                  hint=f"At most {wording.dollars(ground.case['current_balance'])}, which is still due."),
            Field("received_at", "Received on", "date", hint="Today unless told."),
            Field("source", "Source", "select", is_required=True,
                  options=tuple((source, words(source)) for source in _SOURCES)),
            Field("reference", "Reference", hint="The check's or transfer's number: it counts once a source."),
            *_document_fields(ground),
        ),
        submit="Record the payment",
    )  # fmt: skip


def _payment(told: Mapping[str, str], ground: Ground) -> dict[str, Any]:
    return {
        "amount": typed_number(told["amount"]),
        **given(told, "source", "reference"),
        **_on(told, "received_at", ground),
    }


def _subpoena_form(ground: Ground) -> Form:
    return Form(
        (
            Field("recipient", "To whom", hint="The bank or firm that is asked."),
            Field("issued_at", "Issued on", "date", hint="Today unless told."),
            Field("response_due_at", "Answer due on", "date", hint="In 21 days unless told."),
            *_document_fields(ground),
        ),
        submit="Issue the subpoena",
    )


def _subpoena(told: Mapping[str, str], ground: Ground) -> dict[str, Any]:
    due = (
        {"response_due_at": wording.end_of(told["response_due_at"], ground.where)}
        if told["response_due_at"]
        else {}
    )
    return {**given(told, "recipient"), **_on(told, "issued_at", ground), **due}


_ANSWERS: Final = (
    ("complied", "Complied"),
    ("partly_complied", "Complied in part"),
    ("not_complied", "Did not comply"),
)


def _response_form(ground: Ground) -> Form:
    return Form(
        (
            Field("outcome", "Answer", "radios", is_required=True, options=_ANSWERS),
            Field("received_at", "On", "date", hint="Today unless told."),
            _NOTE,
            *_document_fields(ground),
        ),
        values={"outcome": "complied"},
        submit="Record the answer",
    )


def _response(told: Mapping[str, str], ground: Ground) -> dict[str, Any]:
    return {**given(told, "outcome", "note"), **_on(told, "received_at", ground)}


def _tier_form(ground: Ground) -> Form:
    return Form(
        (
            Field("tier", "Tier", "radios", is_required=True,
                  options=tuple((t["tier"], wording.tier_choice(t["tier"], t["description"]))
                                for t in ground.desk["tiers"])),
            Field("expires_at", "Through", "date", is_required=True, hint="The last day, a year ahead at most."),
            Field("note", "Why", "textarea", is_required=True, hint=MASKED),
        ),
        values={"tier": ground.case["tier"]},
        submit="Override the tier",
    )  # fmt: skip


def _tier(told: Mapping[str, str], ground: Ground) -> dict[str, Any]:
    return {**given(told, "tier", "note"), "expires_at": wording.end_of(told["expires_at"], ground.where)}


def _clear_form(_: Ground) -> Form:
    return Form((_NOTE,), submit="End the override")


def _clear(told: Mapping[str, str], _: Ground) -> dict[str, Any]:
    return given(told, "note")


def _call_form(ground: Ground) -> Form:
    return Form(
        (
            Field(
                "due_at",
                "When",
                "datetime-local",
                is_required=True,
                hint=f"On the clock of {ground.where.key}.",
            ),
        ),
        submit="Plan the call",
    )


def _call(told: Mapping[str, str], ground: Ground) -> dict[str, Any]:
    return {
        "plaintiff_id": ground.file["plaintiff"]["plaintiff_id"],
        "due_at": wording.local_instant(told["due_at"], ground.where),
    }


_ENDS: Final = (
    (CaseStatus.SATISFIED, "Satisfied: paid, or settled"),
    (CaseStatus.UNCOLLECTIBLE, "Uncollectible"),
    (CaseStatus.WITHDRAWN, "Withdrawn by the plaintiff"),
)


def _close_form(ground: Ground) -> Form:
    is_paid = float(ground.case["current_balance"]) == 0
    return Form(
        (Field("status", "How it ended", "radios", is_required=True, options=_ENDS), _NOTE),
        values={"status": CaseStatus.SATISFIED} if is_paid else {},
        submit="Close the case",
    )


def _close(told: Mapping[str, str], _: Ground) -> dict[str, Any]:
    return given(told, "status", "note")


WORKS: Final[Mapping[str, Work]] = {
    "stage": Work(
        "Set the stage",
        "The clock of the stage starts anew. To confirm the present one also moves the next action.",
        "set_enforcement_stage",
        _stage_form,
        _stage,
    ),
    "event": Work(
        "Record an event",
        "Filings and services need the document that proves them.",
        "log_enforcement_event",
        _event_form,
        _event,
        lambda told: told["event_kind"] or "filing",
        "timeline",
    ),
    "action": Work(
        "Open or update an action",
        "Of each kind one is open at a time.",
        "queue_enforcement_action",
        _action_form,
        _action,
        anchor="actions",
    ),
    "payment": Work(
        "Record a payment",
        "It lowers the balance of the case and of the judgment at once.",
        "record_enforcement_payment",
        _payment_form,
        _payment,
        lambda _: "payment",
        "payments",
    ),
    "subpoena": Work(
        "Issue a subpoena",
        "Its document is needed. A task waits for the answer.",
        "issue_subpoena",
        _subpoena_form,
        _subpoena,
        lambda _: "subpoena",
        "actions",
    ),
    "response": Work(
        "Record the answer to the subpoena",
        "A task for its review is made.",
        "record_subpoena_response",
        _response_form,
        _response,
        lambda _: "subpoena_response",
        "actions",
    ),
    "tier": Work(
        "Override the tier",
        "Scores move it no more until the override ends.",
        "override_enforcement_tier",
        _tier_form,
        _tier,
        anchor="tier",
    ),
    "tier-by-score": Work(
        "End the override",
        "The score decides the tier again.",
        "clear_enforcement_override",
        _clear_form,
        _clear,
        anchor="tier",
    ),
    "call": Work(
        "Plan a call",
        "To the plaintiff, within the rule on how often a person may be called.",
        "schedule_call",
        _call_form,
        _call,
        anchor="tasks",
    ),
    "close": Work(
        "Close the case",
        "Open actions and tasks are cancelled. A closed case is not opened again; the judgment can get a new one.",
        "close_enforcement_case",
        _close_form,
        _close,
    ),
}


def _document_fields(ground: Ground) -> tuple[Field, ...]:
    kept = tuple((d["document_id"], d["title"] or words(d["doc_kind"])) for d in ground.documents)
    upload = Field("file", "Document", "file", accept=ACCEPTED, hint="PDF, PNG or JPEG, kept byte for byte.")
    if not kept:
        return (replace(upload, name="document_path"),)
    choose = Field(
        "document_path", "Document of the case", "select", options=(("", "None, or the file below"), *kept)
    )
    return choose, replace(upload, label="New document")


def _on(told: Mapping[str, str], name: str, ground: Ground) -> dict[str, str]:
    return {name: wording.past_instant(told[name], ground.now, ground.where)} if told[name] else {}
