"""One person: how they stand with the rules, what they decided, and all they were told."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from casebase.console.kit import Column, StaffDep, Table, page
from casebase.console.kit.format import day, number
from casebase.modules.notifications import wording
from casebase.modules.notifications.pages.organization import ROOT, OrganizationDep
from casebase.modules.notifications.pages.sent import (
    ABOUT,
    BY_SCENARIO,
    BY_STATUS,
    SCENARIO,
    STATUS,
    TRIGGERED,
    listed,
)

router = APIRouter()


def _ended(row: Mapping[str, Any]) -> Any:
    match row["delivery_status"]:
        case "failed":
            return wording.why(row)
        case "sent":
            read = f", read {day(row['read_at'])}" if row["read_at"] else ""
            return f"Sent {day(row['sent_at'])}{read}"
        case _:
            return "A worker sends it"


_TABLE: Final = Table(
    columns=(SCENARIO, ABOUT, STATUS, TRIGGERED, Column("ended", "What came of it", show=_ended)),
    sort="-triggered_at",
    filters=(BY_SCENARIO, BY_STATUS),
    caption="All that the person was told, the latest first",
    empty_title="Nothing was sent to them yet",
    live="notifications",
)


@router.get("/people/{user_id}")
async def person(request: Request, staff: StaffDep, organization: OrganizationDep, user_id: UUID) -> Response:
    """Show somebody whom the rules look at, or who was told something before they left."""
    found = await staff.call("get_notification_recipient", {**organization.named, "user_id": user_id})
    table = await listed(request, staff, organization, _TABLE, user_id=user_id)
    return page(
        request,
        "notifications/person.html",
        title=wording.person(found),
        found=found,
        heading=wording.breakable(found),
        crumbs=(("Sent", f"{ROOT}/sent"),),
        facts=(
            ("Joined", day(found["joined_at"])),
            ("Last active", day(found["last_active_on"])),
            ("Activities", number(found["activity_count"])),
            ("Devices", number(found["device_count"])),
        ),
        due=[
            (
                wording.SCENARIOS[item["scenario_type"]],
                wording.about(item),
                wording.OUTCOMES[item["outcome"]],
                wording.OUTCOME_TONES[item["outcome"]],
            )
            for item in found["due"]
        ],
        wishes=[(wording.SCENARIOS[item["scenario_type"]], _wish(item)) for item in found["preferences"]],
        table=table,
    )


def _wish(preference: Mapping[str, Any]) -> str:
    if not preference["enabled"]:
        return "Switched off"
    if preference["quiet_from"] is None:
        return "At any hour"
    zone = f", {preference['timezone']}" if preference["timezone"] else ""
    return f"Not {preference['quiet_from']} to {preference['quiet_until']}{zone}"
