"""The evaluations: when, of how many people, and what came of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from casebase.console.kit import Column, StaffDep, Table, page
from casebase.console.kit.format import moment, number
from casebase.modules.notifications import wording
from casebase.modules.notifications.pages.organization import OrganizationDep, position

router = APIRouter()


def _counted(outcome: str) -> Callable[[Mapping[str, Any]], str]:
    return lambda row: number(sum(scenario.get(outcome, 0) for scenario in row["scenarios"].values()))


_TABLE: Final = Table(
    columns=(
        Column("started_at", "Started", show=lambda row: moment(row["started_at"])),
        Column(
            "scenario_types",
            "Scenarios",
            show=lambda row: (
                "All"
                if len(row["scenario_types"]) == len(wording.SCENARIOS)
                else ", ".join(wording.SCENARIOS[name] for name in row["scenario_types"])
            ),
        ),
        Column(
            "finished_at",
            "Status",
            show=lambda row: "Finished" if row["finished_at"] else "Running",
            badge=lambda row: "good" if row["finished_at"] else "accent",
        ),
        Column("evaluated_count", "People", show=lambda row: number(row["evaluated_count"]), is_numeric=True),
        *(
            Column(
                outcome, "Told" if outcome == "notified" else title, show=_counted(outcome), is_numeric=True
            )
            for outcome, title in wording.OUTCOMES.items()
        ),
    ),
    sort="-started_at",
    caption="Evaluations, the latest first",
    empty_title="Nothing was evaluated yet",
    empty_text="Each scenario is evaluated every hour by the scheduler, or at once from the overview.",
    live="notifications",
)


@router.get("/runs")
async def runs(request: Request, staff: StaffDep, organization: OrganizationDep, asked: str = "") -> Response:
    """List the organisation's evaluations, the latest first."""
    state = _TABLE.read(request)
    found = await staff.call(
        "list_evaluation_runs",
        {**organization.named, "cursor": (state.after or {}).get("cursor"), "page_size": state.limit},
    )
    return page(
        request,
        "notifications/runs.html",
        title="Runs",
        table=_TABLE.view(request, state, found["items"], position(found["next_cursor"])),
        is_asked=bool(asked),
    )
