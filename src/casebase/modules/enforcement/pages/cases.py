"""Every case, closed ones too: found by how it stands, by its reference, its docket number or its plaintiff."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from casebase.console.kit import Column, Filter, StaffDep, Table, page
from casebase.console.kit.format import ABSENT, day, money, words
from casebase.modules.enforcement import wording
from casebase.modules.enforcement.enums import CaseStatus
from casebase.modules.enforcement.pages.case_form import path_of, tenant_of

router = APIRouter()

_STATUSES: Final = (
    ("open", "Open"),
    ("closed", "Closed"),
    *((status.value, words(status)) for status in CaseStatus if status != CaseStatus.OPEN),
)


def _table(now: datetime) -> Table:
    def next_action(row: Mapping[str, Any]) -> str:
        return (
            f"Closed {day(row['closed_at'])}"
            if row["closed_at"]
            else wording.due(row["next_action_at"], now)[0]
        )

    def urgency(row: Mapping[str, Any]) -> str:
        return "neutral" if row["closed_at"] else wording.due(row["next_action_at"], now)[1] or "neutral"

    return Table(
        columns=(
            Column("plaintiff_name", "Plaintiff"),
            Column("reference", "Case", show=lambda row: wording.unbroken(row["reference"])),
            Column(
                "status",
                "Status",
                show=lambda row: words(row["status"]),
                badge=lambda row: wording.STATUS_TONES[row["status"]],
            ),
            Column(
                "stage",
                "Stage",
                show=lambda row: ABSENT if row["closed_at"] else wording.unbroken(words(row["stage"])),
            ),
            Column("next_action_at", "Next action", show=next_action, badge=urgency),
            Column(
                "current_balance",
                "Still due",
                show=lambda row: money(row["current_balance"]),
                is_numeric=True,
            ),
            Column("opened_at", "Opened", show=lambda row: wording.unbroken(day(row["opened_at"]))),
            Column(
                "case_number",
                "Case number",
                show=lambda row: wording.unbroken(row["case_number"] or ABSENT),
                is_secondary=True,
            ),
        ),
        sort="-opened_at",
        filters=(
            Filter("search", "Plaintiff or reference"),
            Filter("status", "Status", _STATUSES),
        ),
        href=lambda row: path_of(row["case_id"]),
        caption="Cases, the latest opened first",
        empty_title="No case yet",
        empty_text="Cases are opened from the pipeline. Those that are closed stay here.",
        live="enforcement.case",
    )


@router.get("/cases")
async def cases(request: Request, staff: StaffDep) -> Response:
    """List the tenant's cases, the latest opened first."""
    table = _table(request.app.state.runtime.clock.now())
    state = table.read(request)
    found = await staff.call(
        "list_enforcement_cases",
        {
            **state.filters,
            "tenant_id": tenant_of(staff),
            "cursor": (state.after or {}).get("cursor"),
            "page_size": state.limit,
        },
    )
    following = {"cursor": found["next_cursor"]} if found["next_cursor"] else None
    return page(
        request,
        "enforcement/cases.html",
        title="Cases",
        table=table.view(request, state, found["items"], following),
    )
