"""Bookings: the list, one of them, and what becomes of it: confirmed, cancelled, moved to another slot."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final
from urllib.parse import urlencode
from uuid import UUID

from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import Response

from casebase.console.kit import Column, Filter, Staff, StaffDep, Table, page
from casebase.console.kit.format import ABSENT
from casebase.kernel.clock import known_zone
from casebase.kernel.errors import CasebaseError
from casebase.modules.frontdesk import wording
from casebase.modules.frontdesk.pages.calendar import day_of, today
from casebase.modules.frontdesk.pages.period import RANGE, Range, read_range
from casebase.modules.frontdesk.pages.tenant import ROOT, DeskDep, choose, led, payload, position, settings

router = APIRouter()

PATH: Final = f"{ROOT}/bookings"
_DONE: Final = {
    "confirmed": "Confirmed.",
    "cancelled": "Cancelled. The slot is free again.",
    "moved": "Moved to its new slot.",
}
_REFUSED: Final = {
    "hold_expired": "The hold ran out before, and its slot is free again. Book it anew.",
    "booking_cancelled": "It was cancelled before.",
    "booking_past": "Its time has begun, so it can no longer be changed.",
    "slot_unavailable": "Somebody else has just taken that slot. The booking keeps its own.",
    "slot_past": "That slot has begun. The booking keeps its own.",
    "slot_not_found": "That slot is no longer there. The booking keeps its own.",
}


def _table(range_: Range) -> Table:
    where = range_.where
    return Table(
        columns=(
            Column("user_name", "Customer"),
            Column(
                "starts_at",
                "When",
                show=lambda row: wording.local_span(row["starts_at"], row["ends_at"], where),
            ),
            Column("resource", "What", show=lambda row: row["resource"] or wording.breakable(row["slot_id"])),
            Column(
                "status",
                "Status",
                show=lambda row: wording.BOOKING_STATUSES[row["status"]],
                badge=lambda row: wording.BOOKING_TONES[row["status"]],
            ),
            Column(
                "user_email",
                "E-mail",
                show=lambda row: wording.breakable(row["user_email"]),
                is_secondary=True,
            ),
            Column(
                "created_at",
                "Booked",
                show=lambda row: wording.local_moment(row["created_at"], where),
                is_secondary=True,
            ),
        ),
        sort="starts_at",
        filters=(
            Filter("status", "Status", tuple(wording.BOOKING_STATUSES.items())),
            Filter("resource", "Resource, as it is written"),
            *RANGE,
        ),
        href=lambda row: f"{PATH}/{row['booking_id']}",
        caption="Bookings",
        empty_title="Nothing is booked",
        empty_text="What is booked, here or through the API, is listed the newest first.",
    )


@router.get("/bookings")
async def bookings(request: Request, staff: StaffDep, desk: DeskDep) -> Response:
    """List the tenant's bookings: all of them the newest first, or those of some days in their order."""
    where = known_zone((await settings(staff, desk))["time_zone"])
    range_ = read_range(request, where)
    table = _table(range_)
    state = table.read(request)
    asked = payload(desk, state, "status", "resource") | range_.payload
    found = await staff.call("list_bookings", {"payload": asked})
    return page(
        request,
        "frontdesk/bookings.html",
        title="Bookings",
        table=table.view(request, state, found["items"], position(found["next_cursor"])),
        range=range_,
        place=wording.place(where),
    )


@router.get("/bookings/{booking_id}", dependencies=[Depends(choose)])
async def booking(
    request: Request, staff: StaffDep, booking_id: UUID, done: str = "", refused: str = ""
) -> Response:
    """Show one booking, and what can become of it."""
    found, where = await _find(staff, booking_id)
    now = request.app.state.runtime.clock.now()
    ended = found["ends_at"] is not None and datetime.fromisoformat(found["ends_at"]) <= now
    facts = [
        ("Name", found["user_name"]),
        ("E-mail", wording.breakable(found["user_email"])),
        ("When", wording.local_span(found["starts_at"], found["ends_at"], where)),
        ("What", found["resource"] or ABSENT),
        ("Slot", wording.breakable(found["slot_id"])),
        ("Booked", wording.local_moment(found["created_at"], where)),
    ]
    if found["place"] > 1:
        facts.insert(5, ("Place", str(found["place"])))
    if found["resource"] and wording.is_made_up(found["slot_id"]):
        facts = [fact for fact in facts if fact[0] != "Slot"]
    if found["starts_at"] is None:
        facts = [fact for fact in facts if fact[0] not in ("When", "What")]
    return page(
        request,
        "frontdesk/booking.html",
        title=found["user_name"],
        booking=found,
        facts=facts,
        flow=_flow(found, where, now),
        status=wording.BOOKING_STATUSES[found["status"]],
        tone=wording.BOOKING_TONES[found["status"]],
        is_open=found["status"] != "cancelled",
        is_ended=ended,
        place=wording.place(where),
        on=wording.at(found["starts_at"], where).date() if found["starts_at"] else "",
        done=_DONE.get(done, ""),
        refused=_REFUSED.get(refused, ""),
    )


@router.post("/bookings/{booking_id}/confirm", dependencies=[Depends(choose)])
async def confirm(request: Request, staff: StaffDep, booking_id: UUID) -> Response:
    """Keep a hold for good."""
    return await _do(request, staff, booking_id, "confirm_booking", "confirmed")


@router.get("/bookings/{booking_id}/cancel", dependencies=[Depends(choose)])
async def ask_cancel(request: Request, staff: StaffDep, booking_id: UUID) -> Response:
    """Ask whether to cancel."""
    found, where = await _find(staff, booking_id)
    return page(
        request,
        "frontdesk/cancel_booking.html",
        title="Cancel this booking?",
        booking=found,
        span=wording.local_span(found["starts_at"], found["ends_at"], where),
    )


@router.post("/bookings/{booking_id}/cancel", dependencies=[Depends(choose)])
async def cancel(request: Request, staff: StaffDep, booking_id: UUID) -> Response:
    """Give its slot back."""
    return await _do(request, staff, booking_id, "cancel_booking", "cancelled")


@router.get("/bookings/{booking_id}/reschedule", dependencies=[Depends(choose)])
async def ask_reschedule(request: Request, staff: StaffDep, booking_id: UUID, on: str = "") -> Response:
    """Show the free slots of a day to move the booking to."""
    found, where = await _find(staff, booking_id)
    first = today(request, where)
    own = wording.at(found["starts_at"], where).date() if found["starts_at"] else first
    day = max(day_of(on, max(own, first)), first)
    free = await staff.call("list_available_slots", {"tenant_id": found["tenant_id"], "on_date": day})
    by_resource: dict[str, list[tuple[str, str, str]]] = {}
    for slot in free["slots"]:
        starts, ends = (wording.at(slot[name], where) for name in ("starts_at", "ends_at"))
        hint = f"{slot['free']} free" if slot["capacity"] > 1 else ""
        if slot["slot_id"] != found["slot_id"]:
            times = (slot["slot_id"], f"{starts:%H:%M}–{ends:%H:%M}", hint)
            by_resource.setdefault(slot["resource"], []).append(times)
    return page(
        request,
        "frontdesk/reschedule_booking.html",
        title="Move this booking",
        booking=found,
        span=wording.local_span(found["starts_at"], found["ends_at"], where),
        day=day,
        day_title=wording.weekday(day),
        earlier=day - timedelta(days=1) if day > first else None,
        later=day + timedelta(days=1),
        first=first,
        resources=sorted(by_resource.items()),
        place=wording.place(where),
    )


@router.post("/bookings/{booking_id}/reschedule", dependencies=[Depends(choose)])
async def reschedule(request: Request, staff: StaffDep, booking_id: UUID) -> Response:
    """Move it to a slot; it keeps its own where that is refused."""
    slot_id = str((await request.form()).get("slot_id", ""))
    return await _do(
        request, staff, booking_id, "reschedule_booking", "moved", slot_id=slot_id, is_listed=True
    )


async def _find(staff: Staff, booking_id: UUID) -> tuple[Mapping[str, Any], Any]:
    found = await staff.call("get_booking", {"booking_id": booking_id})
    decided = await staff.call("get_frontdesk_settings", {"tenant_id": found["tenant_id"]})
    return found, known_zone(decided["time_zone"])


async def _do(
    request: Request, staff: Staff, booking_id: UUID, function: str, done: str, **fields: Any
) -> Response:
    """Change a booking and lead to it, or say there why it stays as it is."""
    try:
        await staff.call(function, {"booking_id": booking_id, **fields})
    except CasebaseError as error:
        if error.code not in _REFUSED:
            raise
        return led(request, f"{PATH}/{booking_id}?{urlencode({'refused': error.code})}")
    return led(request, f"{PATH}/{booking_id}?{urlencode({'done': done})}")


def _flow(booking: Mapping[str, Any], where: Any, now: datetime) -> list[tuple[str, Any, str]]:
    """Return the way of a booking as steps: held, confirmed, over; or where it was left."""
    status, expires = booking["status"], booking["hold_expires_at"]
    booked = ("Booked", wording.local_moment(booking["created_at"], where), "done")
    if status == "cancelled":
        why = "Hold ran out" if booking["cancel_reason"] == "expired" else "Cancelled"
        return [booked, (why, wording.local_moment(booking["cancelled_at"], where), "current")]
    if status == "pending":
        until = f"until {wording.at(expires, where):%H:%M}"
        return [booked, ("Held", until, "current"), ("Confirmed", "", "ahead"), ("Over", "", "ahead")]
    is_over = booking["ends_at"] is not None and datetime.fromisoformat(booking["ends_at"]) <= now
    ends = wording.local_moment(booking["ends_at"], where) if booking["ends_at"] else ""
    return [
        booked,
        ("Confirmed", "", "done" if is_over else "current"),
        ("Over", ends, "current" if is_over else "ahead"),
    ]
