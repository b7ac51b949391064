"""What was sent, waits or failed: the latest first."""

from __future__ import annotations

from typing import Any, Final

from fastapi import APIRouter
from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import Response

from casebase.console.kit import Column, Filter, Staff, StaffDep, Table, TableView, page
from casebase.console.kit.format import ABSENT, moment
from casebase.modules.notifications import wording
from casebase.modules.notifications.pages.organization import ROOT, Organization, OrganizationDep, position

router = APIRouter()


def unbroken(when: Any) -> Markup:
    """Return a moment that stays in one line."""
    return Markup('<span class="nowrap">{}</span>').format(moment(when))


PERSON: Final = Column("email", "Person", show=wording.breakable)
SCENARIO: Final = Column(
    "scenario_type", "Scenario", show=lambda row: wording.SCENARIOS[row["scenario_type"]]
)
ABOUT: Final = Column("about", "About", show=wording.about)
STATUS: Final = Column(
    "delivery_status",
    "Status",
    show=lambda row: wording.STATUSES[row["delivery_status"]],
    badge=lambda row: wording.STATUS_TONES[row["delivery_status"]],
)
TRIGGERED: Final = Column("triggered_at", "Due", show=lambda row: unbroken(row["triggered_at"]))
BY_SCENARIO: Final = Filter("scenario_type", "Scenario", tuple(wording.SCENARIOS.items()))
BY_STATUS: Final = Filter("status", "Status", tuple(wording.STATUSES.items()))

_TABLE: Final = Table(
    columns=(
        PERSON,
        SCENARIO,
        ABOUT,
        STATUS,
        TRIGGERED,
        Column(
            "read_at",
            "Read",
            show=lambda row: unbroken(row["read_at"]) if row["read_at"] else ABSENT,
            is_secondary=True,
        ),
    ),
    sort="-triggered_at",
    filters=(BY_SCENARIO, BY_STATUS),
    href=lambda row: f"{ROOT}/people/{row['user_id']}",
    caption="Notifications, the latest first",
    empty_title="Nothing was sent yet",
    empty_text="What the rules find due is written here when they run, every hour.",
    live="notifications",
)


async def listed(
    request: Request, staff: Staff, organization: Organization, table: Table, **only: Any
) -> TableView:
    """Return a table of notifications, in the state that the URL asks for and narrowed to ``only``."""
    state = table.read(request)
    found = await staff.call(
        "list_scenario_notifications",
        {
            **organization.named,
            "scenario_type": state.filters.get(BY_SCENARIO.name),
            "delivery_status": state.filters.get(BY_STATUS.name),
            **only,
            "cursor": (state.after or {}).get("cursor"),
            "page_size": state.limit,
        },
    )
    return table.view(request, state, found["items"], position(found["next_cursor"]))


@router.get("/sent")
async def sent(request: Request, staff: StaffDep, organization: OrganizationDep) -> Response:
    """List the organisation's notifications."""
    table = await listed(request, staff, organization, _TABLE)
    return page(request, "notifications/sent.html", title="Sent", table=table)
