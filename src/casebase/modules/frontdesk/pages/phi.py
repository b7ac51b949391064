"""What scans found of people's health and identity: counts, and the events, masked as they are kept."""

from __future__ import annotations

from typing import Final

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from casebase.console.kit import Column, Filter, StaffDep, Table, page
from casebase.console.kit.format import ABSENT, percent
from casebase.kernel.clock import known_zone
from casebase.modules.frontdesk import phi_view, wording
from casebase.modules.frontdesk.pages.calendar import today
from casebase.modules.frontdesk.pages.period import LAST, PERIODS, chosen, days_between, last_days
from casebase.modules.frontdesk.pages.tenant import ROOT, DeskDep, payload, position, settings
from casebase.modules.frontdesk.phi.hits import PhiType

router = APIRouter()

PATH: Final = f"{ROOT}/phi"


@router.get("/phi")
async def phi(request: Request, staff: StaffDep, desk: DeskDep, days: str = "") -> Response:
    """Show what was found in the last days, and what was done about it."""
    where = known_zone((await settings(staff, desk))["time_zone"])
    days = chosen(days)
    range_ = last_days(days, today(request, where), where)
    table = Table(
        columns=(
            Column("phi_type", "Found", show=lambda row: wording.phi_type(row["phi_type"])),
            Column(
                "action_taken",
                "Done",
                show=lambda row: wording.PHI_ACTIONS[row["action_taken"]],
                badge=lambda row: wording.PHI_TONES[row["action_taken"]],
            ),
            Column("context", "Masked context", show=lambda row: phi_view.context(row["context"])),
            Column(
                "masked_value", "Mask", show=lambda row: phi_view.mask(row["masked_value"]), is_secondary=True
            ),
            Column(
                "score",
                "Sure",
                show=lambda row: ABSENT if row["score"] is None else percent(100 * row["score"], 0),
                is_numeric=True,
                is_secondary=True,
            ),
            Column("created_at", "When", show=lambda row: wording.local_moment(row["created_at"], where)),
        ),
        sort="-created_at",
        filters=(
            Filter("phi_type", "Found", tuple((one.value, wording.phi_type(one.value)) for one in PhiType)),
            Filter("action_taken", "Done", tuple(wording.PHI_ACTIONS.items())),
            LAST,
        ),
        caption="What scans found, the latest first",
        empty_title="Nothing was found",
        empty_text="Texts that are sent to /v1/frontdesk/phi/scan are looked through; what they hold is kept masked.",
    )
    state = table.read(request)
    asked = payload(desk, state, "phi_type", "action_taken") | range_.payload
    found = await staff.call("list_phi_events", {"payload": asked})
    counts = await staff.call("get_phi_counts", {"payload": {**desk.named, **range_.payload}})
    return page(
        request,
        "frontdesk/phi.html",
        title="PHI events",
        view=phi_view.view(counts, days_between(range_)),
        table=table.view(request, state, found["items"], position(found["next_cursor"])),
        periods=PERIODS,
        chosen=days,
    )
