from datetime import UTC, datetime, timedelta
from typing import Annotated
from uuid import UUID

import fastapi
from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from casebase.console.kit import (
    Column,
    Event,
    Field,
    Filter,
    Form,
    StaffDep,
    Table,
    charts,
    diff,
    page,
    timeline,
)
from casebase.console.kit.format import moment, money, words
from casebase.kernel.errors import DatabaseUnavailableError, ForbiddenError, InvalidInputError

router = APIRouter()
TONES = {"draft": "neutral", "active": "accent", "won": "good", "late": "warning", "lost": "bad"}

NOTES = Table(
    columns=[
        Column("title", "Title", is_sortable=True),
        Column("status", "Status", show=lambda r: words(r["status"]), badge=lambda r: TONES[r["status"]]),
        Column("amount", "Amount", show=lambda r: money(r["amount"], 2), is_numeric=True, is_sortable=True),
        Column(
            "created_at",
            "Created",
            show=lambda r: moment(r["created_at"]),
            is_sortable=True,
            is_secondary=True,
        ),
    ],
    sort="-created_at",
    filters=[
        Filter("search", "Search notes"),
        Filter("status", "Status", tuple((s, words(s)) for s in TONES)),
    ],
    href=lambda r: f"/console/gallery/notes/{r['id']}",
    limit=10,
    caption="Notes",
    live="gallery_notes",
)
FORM = Form(
    fields=(
        Field("name", "Name", is_required=True, hint="As on the identity card."),
        Field("amount", "Loan amount", inputmode="decimal", prefix="$", is_required=True),
        Field("kind", "Property", "select", options=(("hdb", "HDB flat"), ("condo", "Condominium"))),
        Field(
            "outcome",
            "Outcome",
            "radios",
            options=(("none", "No answer"), ("hot", "Reached"), ("dnc", "Never")),
        ),
        Field("until", "Until", "datetime-local"),
        Field("scan", "Scan", "file", accept="application/pdf"),
        Field("note", "Note", "textarea"),
        Field("agreed", "The customer agreed to be contacted", "checkbox"),
    ),
    cancel_url="/console/gallery/notes",
)


@router.get("/components")
async def components(request: Request) -> Response:
    now = datetime(2026, 11, 21, 14, 5, tzinfo=UTC)
    paths = ["Stay", "Reprice", "Refinance"]
    months = [f"Month {n}" for n in range(1, 37)]
    return page(
        request,
        "gallery/components.html",
        title="Components",
        costs=charts.stacked_bars(
            "Cost over 36 months", paths, {"Interest": [48210, 36120, 31480], "One-off costs": [0, 800, 2950]}
        ),
        balance=charts.lines(
            "Cost so far",
            months,
            {"Stay": [n * 1339 for n in range(36)], "Refinance": [2950 + n * 874 for n in range(36)]},
        ),
        reasons=charts.horizontal_bars(
            "Cases by decision", ["Refinance", "Reprice", "Stay", "Lost"], {"Cases": [42, 31, 18, 6]}
        ),
        days=timeline(
            [
                Event(now, "Advice computed", "Refinancing saves most.", (("Savings", "$13,780"), ("Hassle", "4.5")),
                      icon="calculator", tone="accent"),
                Event(now - timedelta(minutes=3), "Lead form received", actor="Website", icon="inbox"),
                Event(now - timedelta(days=1), "Consent lapses soon", icon="alert", tone="warning"),
                Event(now - timedelta(days=1, hours=2), "Bank quote", "Masked PDF.", icon="document", tone="good"),
            ]
        ),
        changes=diff(
            {"loan_amount": 480000, "tenure_months": 276, "owner_occupied": True, "income": {"monthly": 9200}},
            {"loan_amount": 465000, "tenure_months": 276, "income": {"monthly": 9800, "bonus": 12000}},
            show={"loan_amount": money, "income.monthly": money, "income.bonus": money},
        ),
        form=FORM.filled({"name": "Ada", "amount": "-5"}).refused(
            InvalidInputError(
                detail={"errors": [{"field": "inputs.amount", "rule": "minimum", "message": "must be at least 0"}]}
            )
        ),
    )  # fmt: skip


@router.get("/notes")
async def notes(request: Request, staff: StaffDep) -> Response:
    state = NOTES.read(request)
    found = await staff.call("list_notes", state.arguments())
    return page(
        request,
        "gallery/notes.html",
        title="Notes",
        table=NOTES.view(request, state, found["items"], found["next"]),
    )


@router.get("/notes/{note_id}")
async def note(request: Request, note_id: UUID) -> Response:
    return page(request, "gallery/note.html", title="Note")


@router.get("/form")
async def form(request: Request) -> Response:
    return page(request, "gallery/form.html", title="Form", form=FORM)


@router.post("/form")
async def post_form(request: Request, name: Annotated[str, fastapi.Form()] = "") -> Response:
    if not name:
        refused = FORM.refused(
            InvalidInputError(
                detail={"errors": [{"field": "name", "rule": "required", "message": "is required"}]}
            )
        )
        return page(request, "gallery/form.html", title="Form", form=refused, status_code=422)
    return RedirectResponse("/console/gallery/notes", status_code=303)


@router.get("/broken/{status}")
async def broken(status: int) -> Response:
    match status:
        case 403:
            raise ForbiddenError
        case 503:
            raise DatabaseUnavailableError
        case _:
            raise RuntimeError("secret detail")
