"""The files that were imported, and of each which rows were refused and why."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from casebase.console.kit import Column, Filter, StaffDep, Table, page
from casebase.console.kit.format import ABSENT, moment, number, words
from casebase.modules.enforcement import timeline_view, wording
from casebase.modules.enforcement.pages.case_form import ROOT, tenant_of

router = APIRouter()

_PATH: Final = f"{ROOT}/imports"
_RUN_TONES: Final = {"loading": "accent", "loaded": "accent", "finished": "good", "expired": "bad"}
_ROW_TONES: Final = {"created": "good", "known": "neutral", "rejected": "bad", "staged": "accent"}
_BECAME: Final = {"created": "New", "known": "Known", "rejected": "Refused", "staged": "Waiting"}

_RUNS: Final = Table(
    columns=(
        Column("file_name", "File"),
        Column(
            "status",
            "Status",
            show=lambda row: words(row["status"]),
            badge=lambda row: _RUN_TONES[row["status"]],
        ),
        Column("row_count", "Rows", show=lambda row: number(row["row_count"]), is_numeric=True),
        Column("created", "New", show=lambda row: number(row["created"]), is_numeric=True),
        Column("known", "Known", show=lambda row: number(row["known"]), is_numeric=True),
        Column("rejected", "Refused", show=lambda row: number(row["rejected"]), is_numeric=True),
        Column(
            "started_at",
            "Started",
            show=lambda row: wording.unbroken(moment(row["started_at"])),
            is_secondary=True,
        ),
    ),
    sort="-started_at",
    href=lambda row: f"{_PATH}/{row['import_run_id']}",
    caption="Import runs",
    empty_title="Nothing was imported",
    empty_text="Bring in an export with: casebase enforcement import-simplicity FILE.csv",
    live="enforcement.imports",
)


def _reasons(row: Mapping[str, Any]) -> str:
    # Each is the name of a field and a rule.
    parts = (str(reason).partition(": ") for reason in row["reasons"])
    return "; ".join(f"{words(name)}{colon}{rule}" for name, colon, rule in parts) or ABSENT


_ROWS: Final = Table(
    columns=(
        Column("row_number", "Row", show=lambda row: number(row["row_number"])),
        Column(
            "status",
            "Became",
            show=lambda row: _BECAME[row["status"]],
            badge=lambda row: _ROW_TONES[row["status"]],
        ),
        Column("reasons", "Why it was refused", show=_reasons),
    ),
    sort="row_number",
    filters=(Filter("status", "Rows", tuple(_BECAME.items())),),
    limit=50,
    caption="Rows of the file",
    empty_title="No rows",
    empty_text="The file has not been read yet.",
)


@router.get("/imports")
async def imports(request: Request, staff: StaffDep) -> Response:
    """List the import runs, the latest first."""
    state = _RUNS.read(request)
    found = await staff.call(
        "list_import_runs",
        {
            "tenant_id": tenant_of(staff),
            "cursor": (state.after or {}).get("cursor"),
            "page_size": state.limit,
        },
    )
    following = {"cursor": found["next_cursor"]} if found["next_cursor"] else None
    return page(
        request,
        "enforcement/imports.html",
        title="Imports",
        table=_RUNS.view(request, state, found["items"], following),
    )


@router.get("/imports/{import_run_id}")
async def import_run(request: Request, staff: StaffDep, import_run_id: UUID) -> Response:
    """Show what became of a file, row by row."""
    desk = await staff.call("get_enforcement_desk", {"tenant_id": tenant_of(staff)})
    state = _ROWS.read(request)
    found = await staff.call(
        "list_import_rows",
        {
            "import_run_id": import_run_id,
            "status": state.filters.get("status"),
            "cursor": (state.after or {}).get("cursor"),
            "page_size": state.limit,
        },
    )
    following = {"cursor": found["next_cursor"]} if found["next_cursor"] else None
    run = found["run"]
    return page(
        request,
        "enforcement/import.html",
        title=run["file_name"],
        run=run,
        tone=_RUN_TONES[run["status"]],
        by=timeline_view.actor(run["created_by"], desk["staff"]),
        table=_ROWS.view(request, state, found["items"], following),
    )
