"""What to work on: every judgment ranked, filtered, and opened as a case from here."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final
from uuid import UUID

from fastapi import APIRouter
from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from casebase.console.kit import Column, Field, Filter, Form, StaffDep, Table, page, typed_number
from casebase.console.kit.format import ABSENT, money, words
from casebase.kernel.errors import CasebaseError
from casebase.modules.enforcement import wording
from casebase.modules.enforcement.enums import PriorityLevel
from casebase.modules.enforcement.pages.case_form import (
    PIPELINE_PATH,
    ROOT,
    form_page,
    given,
    path_of,
    refused,
    tenant_of,
    typed,
)

router = APIRouter()

_CRUMBS: Final = (("Pipeline", PIPELINE_PATH),)


def _columns(now: Any) -> tuple[Column, ...]:
    def next_action(row: Any) -> str:
        return wording.due(row["next_action_at"], now)[0] if row["case_id"] else "No case yet"

    def urgency(row: Any) -> str:
        return (wording.due(row["next_action_at"], now)[1] or "neutral") if row["case_id"] else "accent"

    return (
        Column("rank", "Rank and plaintiff", show=_ranked),
        Column("collectability_tier", "Tier", show=_tiered),
        Column(
            "priority_level",
            "Priority",
            show=lambda row: words(row["priority_level"]),
            badge=lambda row: wording.PRIORITY_TONES[row["priority_level"]],
        ),
        Column(
            "judgment_amount",
            "Judgment",
            show=lambda row: money(row["judgment_amount"]),
            is_numeric=True,
        ),
        Column(
            "current_balance",
            "Still due",
            show=lambda row: money(row["current_balance"]),
            is_numeric=True,
        ),
        Column(
            "stage",
            "Stage",
            show=lambda row: wording.unbroken(words(row["stage"]) if row["stage"] else ABSENT),
        ),
        Column("next_action_at", "Next action", show=next_action, badge=urgency),
        Column(
            "county",
            "Court",
            show=lambda row: wording.place(row["county"], row["state"]),
            is_secondary=True,
        ),
        Column(
            "plaintiff_status",
            "Plaintiff is",
            show=lambda row: words(row["plaintiff_status"]),
            is_secondary=True,
        ),
    )


def _ranked(row: Any) -> Markup:
    return Markup('<span class="ranked"><span class="rank">{}</span> <span>{}</span></span>').format(
        row["rank"], row["plaintiff_name"]
    )


def _tiered(row: Any) -> Markup:
    """Return the tier that ranks a judgment, and the one its case is worked in where that is another."""
    by_score, by_case = row["collectability_tier"], row["tier"]
    chip = Markup('<span class="badge badge-{}">{}</span>').format(
        wording.TIER_TONES.get(by_score, "neutral"), wording.tier(by_score)
    )
    if by_case in (None, by_score):
        return chip
    said = Markup('<span class="muted small nowrap">set to {}</span>').format(wording.tier(by_case))
    return Markup("<span>{} {}</span>").format(chip, said)


def _address(row: Any) -> str:
    if row["case_id"]:
        return path_of(row["case_id"])
    return f"{ROOT}/judgments/{row['judgment_id']}/open"


_SLA: Final = Filter("sla", "Due", (("breached", "Late"), ("met", "In time")))


@router.get("/pipeline")
async def pipeline(request: Request, staff: StaffDep) -> Response:
    """List what to work on, the most promising tier first."""
    tenant_id = tenant_of(staff)
    desk = await staff.call("get_enforcement_desk", {"tenant_id": tenant_id})
    counties = await staff.call("list_pipeline_counties", {"tenant_id": tenant_id})
    places = counties["items"]
    stages = [stage["stage"] for stage in desk["stages"] if stage["stage"] != "closed"]
    table = Table(
        columns=_columns(request.app.state.runtime.clock.now()),
        sort="rank",
        filters=(
            Filter("search", "Plaintiff or reference"),
            Filter("tier", "Tier", tuple((t["tier"], wording.tier(t["tier"])) for t in desk["tiers"])),
            Filter("stage", "Stage", (*((s, words(s)) for s in stages), ("none", "No case yet"))),
            Filter("state", "State", _choices(places, "state")),
            Filter("county", "County", _choices(places, "county")),
            _SLA,
        ),
        href=_address if desk["may_act"] else lambda row: path_of(row["case_id"]) if row["case_id"] else "",
        caption="The pipeline, ranked",
        empty_title="Nothing to work on",
        empty_text="Judgments that are recorded or imported appear here, ranked by tier, priority and amount.",
        live="enforcement.case",
    )
    table = replace(table, filters=tuple(f for f in table.filters if f.options or f.kind == "search"))
    state = table.read(request)
    found = await staff.call(
        "list_priority_pipeline",
        {
            **state.filters,
            "tenant_id": tenant_id,
            "cursor": (state.after or {}).get("cursor"),
            "page_size": state.limit,
        },
    )
    following = {"cursor": found["next_cursor"]} if found["next_cursor"] else None
    return page(
        request,
        "enforcement/pipeline.html",
        title="Pipeline",
        table=table.view(request, state, found["items"], following),
        desk=desk,
    )


def _choices(places: Any, key: str) -> tuple[tuple[str, str], ...]:
    return tuple((value, value) for value in sorted({place[key] for place in places if place[key]}))


_OPEN: Final = Form(
    (Field("notes", "Notes", "textarea", hint="Names and numbers of the debtor are masked when saved."),),
    submit="Open the case",
    cancel_url=PIPELINE_PATH,
)
_OPENING: Final = (
    "One case at a time enforces a judgment. It begins in pre-enforcement, in the tier of its score."
)


@router.get("/judgments/{judgment_id}/open")
async def ask_open(request: Request, judgment_id: UUID) -> Response:
    """Ask whether the enforcement of a judgment begins."""
    form = replace(_OPEN, action=f"{ROOT}/judgments/{judgment_id}/open")
    return form_page(request, form, "Open a case", _OPENING, _CRUMBS)


@router.post("/judgments/{judgment_id}/open")
async def open_case(request: Request, staff: StaffDep, judgment_id: UUID) -> Response:
    """Open the case and show it."""
    form = await request.form()
    told = typed(_OPEN, form)
    payload = {"judgment_id": judgment_id, **given(told, "notes")}
    try:
        case_id = await staff.call(
            "open_enforcement_case", {"payload": payload}, idempotency_key=str(form.get("once", "")) or None
        )
    except CasebaseError as error:
        again = refused(_OPEN.filled(told), error)
        return form_page(request, again, "Open a case", _OPENING, _CRUMBS, status_code=error.status)
    return RedirectResponse(path_of(case_id), status_code=303)


_JUDGMENT: Final = Form(
    (
        Field(
            "plaintiff_name", "Plaintiff", is_required=True, hint="A name that is known is not written again."
        ),
        Field("plaintiff_phone", "Plaintiff's telephone", inputmode="tel"),
        Field("debtor_name", "Debtor", is_required=True, hint="Only the initials are shown afterwards."),
        Field(
            "debtor_kind",
            "The debtor is",
            "select",
            options=(("", "As the name tells"), ("person", "A person"), ("company", "A company")),
        ),
        Field("judgment_amount", "Amount of the judgment", prefix="$", inputmode="decimal", is_required=True),
        Field(
            "balance_due", "Still due", prefix="$", inputmode="decimal", hint="If some of it is paid already."
        ),
        Field("judgment_date", "Judgment of", "date"),
        Field(
            "priority_level", "Priority", "select", options=tuple((p.value, words(p)) for p in PriorityLevel)
        ),
        Field("case_number", "Case number", is_required=True, hint="As the court writes it."),
        Field("court", "Court"),
        Field("county", "County"),
        Field("state", "State", hint="Two letters, as NY."),
    ),
    submit="Record the judgment",
    cancel_url=PIPELINE_PATH,
)
_RECORDING: Final = "It joins the pipeline; enrichment finds its score. A case can be opened at once."


@router.get("/judgments/new")
async def ask_judgment(request: Request) -> Response:
    """Ask for a judgment, its parties and its docket."""
    form = _JUDGMENT.filled({"priority_level": PriorityLevel.NORMAL})
    return form_page(request, form, "New judgment", _RECORDING, _CRUMBS)


@router.post("/judgments/new")
async def add_judgment(request: Request, staff: StaffDep) -> Response:
    """Record a judgment and ask whether to open its case."""
    form = await request.form()
    told = typed(_JUDGMENT, form)
    try:
        made = await staff.call(
            "create_judgment",
            {"payload": _judgment(told, tenant_of(staff))},
            idempotency_key=str(form.get("once", "")) or None,
        )
    except CasebaseError as error:
        again = refused(_JUDGMENT.filled(told), _renamed(error))
        return form_page(request, again, "New judgment", _RECORDING, _CRUMBS, status_code=error.status)
    return RedirectResponse(f"{ROOT}/judgments/{made['judgment_id']}/open", status_code=303)


def _judgment(told: dict[str, str], tenant_id: UUID | None) -> dict[str, Any]:
    def party(**given: str) -> dict[str, str]:
        return {name: value for name, value in given.items() if value}

    docket = party(
        case_number=told["case_number"],
        court=told["court"],
        county=told["county"],
        state=told["state"].upper(),
    )
    payload: dict[str, Any] = {
        "tenant_id": tenant_id,
        "plaintiff": party(name=told["plaintiff_name"], phone=told["plaintiff_phone"]),
        "debtor": party(name=told["debtor_name"], kind=told["debtor_kind"]),
        "docket": docket,
        "judgment_amount": typed_number(told["judgment_amount"]),
        "priority_level": told["priority_level"],
    }
    if told["balance_due"]:
        payload["balance_due"] = typed_number(told["balance_due"])
    if told["judgment_date"]:
        payload["judgment_date"] = told["judgment_date"]
    return payload


def _renamed(error: CasebaseError) -> CasebaseError:
    """Return a refusal with the form's names for the fields of its parties."""
    for problem in error.detail.get("errors", ()):
        problem["field"] = (
            str(problem.get("field", "")).replace("plaintiff.", "plaintiff_").replace("debtor.", "debtor_")
        )
    return error
