"""What failed and why, to be sent again: the chosen ones, or all of a scenario that still can be."""

from __future__ import annotations

from collections import Counter
from typing import Any, Final
from urllib.parse import urlencode
from uuid import uuid4

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from casebase.console.kit import Column, StaffDep, Table, page
from casebase.console.kit.format import number
from casebase.modules.notifications import wording
from casebase.modules.notifications.pages.organization import ROOT, OrganizationDep, led
from casebase.modules.notifications.pages.sent import ABOUT, BY_SCENARIO, PERSON, SCENARIO, TRIGGERED, listed

router = APIRouter()

_PATH: Final = f"{ROOT}/failed"
_BLOCKED: Final = {
    "not_failed": "no longer failed",
    "cooldown": "blocked by a newer one",
    "outdated": "no longer true",
}
"""Why a notification is not sent again, of the reasons that resend_failed_notifications names."""

_TABLE: Final = Table(
    columns=(
        PERSON,
        SCENARIO,
        ABOUT,
        Column("why", "Why it failed", show=wording.why),
        Column("attempts", "Tries", show=lambda row: number(row["attempts"]), is_numeric=True),
        TRIGGERED,
    ),
    sort="-triggered_at",
    filters=(BY_SCENARIO,),
    href=lambda row: f"{ROOT}/people/{row['user_id']}",
    caption="Failed notifications, the latest first",
    empty_title="Nothing failed",
    empty_text="What no sender could deliver is listed here, to be sent again.",
    live="notifications",
    select=lambda row: row["notification_id"],
)


@router.get("/failed")
async def failed(
    request: Request,
    staff: StaffDep,
    organization: OrganizationDep,
    resent: int | None = None,
    more: str = "",
) -> Response:
    """List what failed, and tell what came of sending some of it again."""
    table = await listed(request, staff, organization, _TABLE, delivery_status="failed")
    blocked = [
        f"{number(count)} {said}"
        for code, said in _BLOCKED.items()
        if (count := _whole(request.query_params.get(code, "")))
    ]
    return page(
        request,
        "notifications/failed.html",
        title="Failed",
        table=table,
        scenario=table.state.filters.get(BY_SCENARIO.name, ""),
        scenarios=wording.SCENARIOS,
        resent=resent,
        blocked=blocked,
        is_more=bool(more),
    )


@router.post("/failed/resend")
async def resend(request: Request, staff: StaffDep, organization: OrganizationDep) -> Response:
    """Ask whether to send again, then do so; each asking carries a key of its own, so that it counts once."""
    form = await request.form(max_fields=500)
    selected = [str(value) for value in form.getlist("selected")]
    scenario = str(form.get("scenario_type", ""))
    chosen: dict[str, Any] = {"notification_ids": selected} if selected else {"scenario_type": scenario}
    if not selected and scenario not in wording.SCENARIOS:
        return led(request, _PATH)
    if once := str(form.get("once", "")):
        done = await staff.call(
            "resend_failed_notifications",
            {"payload": {**organization.payload, **chosen}},
            idempotency_key=once,
        )
        told: dict[str, Any] = {
            "resent": len(done["resent"]),
            **Counter(item["reason"] for item in done["skipped"]),
            **({"more": 1} if done["is_more"] else {}),
            **({} if selected else {"scenario_type": scenario}),
        }
        return led(request, f"{_PATH}?{urlencode(told)}")
    return page(
        request,
        "notifications/resend.html",
        title="Send again?",
        selected=selected,
        scenario=scenario,
        what=f"{number(len(selected))} {'notification' if len(selected) == 1 else 'notifications'}"
        if selected
        else f"all of {wording.SCENARIOS[scenario].lower()} that still can be",
        once=str(uuid4()),
    )


def _whole(text: str) -> int:
    return int(text) if text.isdecimal() and len(text) < 7 else 0
