"""An evaluation on request: asked with what it would do, for it may tell thousands at once."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from casebase.console.kit import StaffDep, page
from casebase.console.kit.format import number
from casebase.modules.notifications import wording
from casebase.modules.notifications.pages.organization import ROOT, OrganizationDep, led

router = APIRouter()


@router.get("/evaluate")
async def ask(request: Request, staff: StaffDep, organization: OrganizationDep) -> Response:
    """Say how many of each scenario would be told now and how many held back, and ask."""
    found = await staff.call("count_due_notifications", organization.named)
    counts = [
        (scenario, outcomes.get("notified", 0), sum(outcomes.values()))
        for scenario in wording.SCENARIOS
        if scenario in found["scenario_types"]
        for outcomes in (found["scenarios"].get(scenario, {}),)
    ]
    looked_at, people = found["looked_at_count"], found["people_count"]
    return page(
        request,
        "notifications/evaluate.html",
        title="Evaluate now?",
        rows=[
            (wording.SCENARIOS[scenario], number(told), number(due - told)) for scenario, told, due in counts
        ],
        told=sum(told for _, told, _ in counts),
        of_people=wording.people(people),
        part=f"the first {number(looked_at)} of {wording.people(people)}" if looked_at < people else "",
    )


@router.post("/evaluate")
async def evaluate(request: Request, staff: StaffDep, organization: OrganizationDep) -> Response:
    """Have the organisation evaluated now; its runs appear in the list by themselves."""
    await staff.call("request_scenario_evaluation", organization.named)
    return led(request, f"{ROOT}/runs?asked=1")
