"""The page of webhooks: where a tenant's events go, what became of them, and a button to send them again."""

from __future__ import annotations

from typing import Any, Final
from urllib.parse import urlsplit

from fastapi import APIRouter, Depends
from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from casebase.console.kit.format import moment, words
from casebase.console.kit.page import page
from casebase.console.kit.table import Column, Filter, Row, Table
from casebase.console.staff import StaffDep, require_staff

PATH: Final = "/console/webhooks"

router = APIRouter(prefix="/webhooks", dependencies=[Depends(require_staff)])

_TONES: Final = {"delivered": "good", "pending": "accent", "failed": "bad"}


def _answer(row: Row) -> str:
    return str(row["last_status_code"] or (words(row["last_error"]) if row["last_error"] else "–"))


def _breakable(url: str) -> Markup:
    """Return an address that may go on in the next line after each slash."""
    return Markup("/<wbr>").join(url.split("/"))


def _unbroken(text: str) -> Markup:
    return Markup('<span class="nowrap">{}</span>').format(text)


ENDPOINTS: Final = Table(
    columns=(
        Column("url", "Address", show=lambda row: _breakable(row["url"])),
        Column("event_types", "Events", show=lambda row: ", ".join(row["event_types"])),
        Column(
            "is_enabled",
            "State",
            show=lambda row: "On" if row["is_enabled"] else words(row["disabled_reason"]),
            badge=lambda row: "good" if row["is_enabled"] else "warning",
        ),
        Column("pending", "Pending", is_numeric=True),
        Column("failed", "Failed", is_numeric=True),
        Column("description", "Description", is_secondary=True),
    ),
    sort="url",
    caption="Endpoints",
    empty_title="No endpoint",
    empty_text="Make one with: casebase webhook add https://… --event 'mortgage.*'",
)
DELIVERIES: Final = Table(
    columns=(
        Column("event_type", "Event"),
        Column(
            "status", "Status", show=lambda row: words(row["status"]), badge=lambda r: _TONES[r["status"]]
        ),
        Column("last_status_code", "Answer", show=_answer),
        Column("attempts", "Attempts", is_numeric=True),
        Column("url", "Receiver", show=lambda row: urlsplit(row["url"]).netloc, is_secondary=True),
        Column("created_at", "Created", show=lambda row: _unbroken(moment(row["created_at"]))),
        Column("next_attempt_at", "Next attempt", show=lambda row: _unbroken(moment(row["next_attempt_at"]))),
    ),
    sort="-created_at",
    filters=(Filter("status", "Status", tuple((status, words(status)) for status in _TONES)),),
    limit=50,
    caption="Deliveries",
    empty_title="Nothing was sent",
    empty_text="Events appear here as soon as an endpoint wants them; the log goes back 30 days.",
    select=lambda row: str(row["delivery_id"]),
)


@router.get("")
async def webhooks(request: Request, staff: StaffDep, queued: int | None = None) -> Response:
    """Show the endpoints and the delivery log of the tenants that the person administers."""
    state = DELIVERIES.read(request)
    found: dict[str, Any] = await staff.call(
        "list_webhook_deliveries",
        {"status": state.filters.get("status"), "after": state.after, "page_size": state.limit},
    )
    endpoints = await staff.call("list_webhook_endpoints")
    return page(
        request,
        "console/webhooks.html",
        title="Webhooks",
        endpoints=ENDPOINTS.view(request, ENDPOINTS.read(request), endpoints),
        deliveries=DELIVERIES.view(request, state, found["items"], found["next"]),
        queued=queued,
    )


@router.post("/redeliver")
async def redeliver(request: Request, staff: StaffDep) -> Response:
    """Send the chosen deliveries again."""
    chosen = [str(value) for value in (await request.form()).getlist("selected")]
    queued = await staff.call("redeliver_webhooks", {"delivery_ids": chosen}) if chosen else []
    return RedirectResponse(f"{PATH}?queued={len(queued)}", status_code=303)
