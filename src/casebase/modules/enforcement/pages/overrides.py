"""The tiers that were set by hand, and when each ends."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from fastapi import APIRouter
from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import Response

from casebase.console.kit import Column, StaffDep, Table, page
from casebase.console.kit.format import day, money
from casebase.modules.enforcement import wording
from casebase.modules.enforcement.pages.case_form import path_of, tenant_of

router = APIRouter()


def _table(now: datetime, may_act: bool) -> Table:
    def ends(row: Mapping[str, Any]) -> str:
        if row["is_expired"]:
            return "Ends tonight"
        return wording.due(row["override_expires_at"], now)[0]

    def tone(row: Mapping[str, Any]) -> str:
        return (
            "warning" if row["is_expired"] else wording.due(row["override_expires_at"], now)[1] or "neutral"
        )

    def clear(row: Mapping[str, Any]) -> Markup:
        return Markup('<a href="{}/tier-by-score" data-dialog>End it</a>').format(path_of(row["case_id"]))

    columns = (
        Column("reference", "Case", show=lambda row: wording.unbroken(row["reference"])),
        Column("plaintiff_name", "Plaintiff"),
        Column(
            "tier_override",
            "By hand",
            show=lambda row: wording.tier(row["tier_override"]),
            badge=lambda row: wording.TIER_TONES.get(row["tier_override"], "neutral"),
        ),
        Column(
            "score_tier",
            "By score",
            show=lambda row: (
                f"{wording.tier(row['score_tier'])}, {wording.score(row['collectability_score'])}"
            ),
        ),
        Column("override_expires_at", "Ends", show=ends, badge=tone),
        Column(
            "until",
            "On",
            show=lambda row: wording.unbroken(day(row["override_expires_at"])),
            is_secondary=True,
        ),
        Column(
            "current_balance",
            "Still due",
            show=lambda row: money(row["current_balance"]),
            is_numeric=True,
        ),
        Column("override_note", "Why", is_secondary=True),
    )
    return Table(
        columns=(*columns, Column("clear", "Change", show=clear)) if may_act else columns,
        sort="override_expires_at",
        href=lambda row: f"{path_of(row['case_id'])}#tier",
        caption="Tiers set by hand",
        empty_title="No tier is set by hand",
        empty_text="Scores decide every case's tier. A case's page offers to override it.",
        live="enforcement.case",
    )


@router.get("/overrides")
async def overrides(request: Request, staff: StaffDep) -> Response:
    """List the overrides, the soonest to end first."""
    tenant_id = tenant_of(staff)
    desk = await staff.call("get_enforcement_desk", {"tenant_id": tenant_id})
    found = await staff.call("list_tier_overrides", {"tenant_id": tenant_id})
    table = _table(request.app.state.runtime.clock.now(), desk["may_act"])
    return page(
        request,
        "enforcement/overrides.html",
        title="Overrides",
        table=table.view(request, table.read(request), found["items"]),
    )
