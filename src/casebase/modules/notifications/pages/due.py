"""Who is due now, and what a run would do about it: a look that writes nothing."""

from __future__ import annotations

from typing import Final

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from casebase.console.kit import Column, Filter, StaffDep, Table, page
from casebase.modules.notifications import wording
from casebase.modules.notifications.pages.organization import ROOT, OrganizationDep, position

router = APIRouter()

_TABLE: Final = Table(
    columns=(
        Column("email", "Person", show=wording.breakable),
        Column("scenario_type", "Scenario", show=lambda row: wording.SCENARIOS[row["scenario_type"]]),
        Column("about", "Why", show=wording.about),
        Column(
            "outcome",
            "A run now",
            show=lambda row: wording.OUTCOMES[row["outcome"]],
            badge=lambda row: wording.OUTCOME_TONES[row["outcome"]],
        ),
    ),
    sort="user_id",
    filters=(
        Filter("scenario_type", "Scenario", tuple(wording.SCENARIOS.items())),
        Filter("outcome", "A run now", tuple(wording.OUTCOMES.items())),
    ),
    href=lambda row: f"{ROOT}/people/{row['user_id']}",
    caption="People who are due",
    empty_title="Nobody is due",
    empty_text="The rules find nobody at this moment.",
    live="notifications",
)


@router.get("/due")
async def due(request: Request, staff: StaffDep, organization: OrganizationDep) -> Response:
    """List whom the rules find due at this moment."""
    state = _TABLE.read(request)
    found = await staff.call(
        "list_due_notifications",
        {
            **organization.named,
            **state.filters,
            "cursor": (state.after or {}).get("cursor"),
            "page_size": state.limit,
        },
    )
    return page(
        request,
        "notifications/due.html",
        title="Due now",
        found=found,
        table=_TABLE.view(request, state, found["items"], position(found["next_cursor"])),
    )
