"""``/v1/frontdesk/bookings`` and ``/v1/frontdesk/slots``: what can be booked, and by whom it is."""

from __future__ import annotations

from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response
from pydantic import AwareDatetime

from casebase.kernel.http import VerifiedCaller
from casebase.kernel.payloads import jsonable
from casebase.modules.frontdesk.availability import Availability
from casebase.modules.frontdesk.enums import BookingStatus
from casebase.modules.frontdesk.models.bookings import (
    AddedSlots,
    AvailableSlots,
    Booking,
    BookingDetails,
    BookingPage,
    ChangedBooking,
    DeskSettings,
    DeskSettingsChange,
    NewBooking,
    NewSlots,
    RemovedSlot,
    SlotChoice,
)

router = APIRouter()

_Cursor = Annotated[str | None, Query(max_length=200, description="The last page's next_cursor.")]
_PageSize = Annotated[int, Query(ge=1, le=200)]


@router.post("/bookings", status_code=201, response_model=Booking, summary="Book a slot")
async def book_slot(booking: NewBooking, caller: VerifiedCaller) -> Response:
    """Take a slot, or one of its places: a hold until it expires, or confirmed at once."""
    return await caller.rpc("book_slot", {"payload": jsonable(booking, only_given=True)}, status_code=201)


@router.get("/bookings", response_model=BookingPage, summary="List a tenant's bookings")
async def list_bookings(
    caller: VerifiedCaller,
    tenant_id: UUID | None = None,
    since: Annotated[AwareDatetime | None, Query(alias="from")] = None,
    until: AwareDatetime | None = None,
    status: BookingStatus | None = None,
    resource: Annotated[str | None, Query(min_length=1, max_length=100)] = None,
    cursor: _Cursor = None,
    page_size: _PageSize = 50,
) -> Response:
    """Return those that begin between ``from`` and ``until``, in the order of their time; without both the newest."""
    which = {
        "tenant_id": tenant_id,
        "from": since,
        "until": until,
        "status": status,
        "resource": resource,
        "cursor": cursor,
        "page_size": page_size,
    }
    payload = {name: value for name, value in which.items() if value is not None}
    return await caller.rpc("list_bookings", {"payload": payload})


@router.get("/bookings/mine", response_model=BookingPage, summary="List one's own bookings")
async def list_my_bookings(
    caller: VerifiedCaller, cursor: _Cursor = None, page_size: _PageSize = 50
) -> Response:
    """Return what the caller booked, at whichever tenant, the newest first."""
    return await caller.rpc("list_my_bookings", {"cursor": cursor, "page_size": page_size})


@router.get("/bookings/{booking_id}", response_model=BookingDetails, summary="Get a booking")
async def get_booking(booking_id: UUID, caller: VerifiedCaller) -> Response:
    """Return a booking with its customer."""
    return await caller.rpc("get_booking", {"booking_id": booking_id})


@router.post("/bookings/{booking_id}/confirm", response_model=ChangedBooking, summary="Confirm a booking")
async def confirm_booking(booking_id: UUID, caller: VerifiedCaller) -> Response:
    """Keep a hold for good, before it expires."""
    return await caller.rpc("confirm_booking", {"booking_id": booking_id})


@router.post("/bookings/{booking_id}/cancel", response_model=ChangedBooking, summary="Cancel a booking")
async def cancel_booking(booking_id: UUID, caller: VerifiedCaller) -> Response:
    """Give a booking's place back; it is free at once."""
    return await caller.rpc("cancel_booking", {"booking_id": booking_id})


@router.post("/bookings/{booking_id}/reschedule", response_model=ChangedBooking, summary="Move a booking")
async def reschedule_booking(booking_id: UUID, to: SlotChoice, caller: VerifiedCaller) -> Response:
    """Move a booking to another slot; on any refusal it keeps its own."""
    return await caller.rpc("reschedule_booking", {"booking_id": booking_id, **jsonable(to)})


@router.get("/slots", response_model=AvailableSlots, summary="List what can be booked on a day")
async def list_available_slots(
    request: Request, caller: VerifiedCaller, on_date: date, tenant_id: UUID | None = None
) -> Response:
    """Return the slots with a free place that begin on a day of the tenant's time zone.

    Cached until something of that day is written, in whichever process.
    """
    runtime = request.app.state.runtime
    body = await Availability(runtime.database, runtime.cache).on(caller.principal, tenant_id, on_date)
    return Response(body, media_type="application/json")


@router.post("/slots", response_model=AddedSlots, summary="Add slots")
async def add_slots(slots: NewSlots, caller: VerifiedCaller) -> Response:
    """Say when what can be booked; a slot that is known is changed where it differs. For administrators."""
    return await caller.rpc("add_slots", {"payload": jsonable(slots)})


@router.delete("/slots/{slot_id:path}", response_model=RemovedSlot, summary="Remove a slot")
async def remove_slot(slot_id: str, caller: VerifiedCaller, tenant_id: UUID | None = None) -> Response:
    """Take back a slot that nobody has booked. For administrators."""
    return await caller.rpc("remove_slot", {"tenant_id": tenant_id, "slot_id": slot_id})


@router.get("/settings", response_model=DeskSettings, summary="Get a desk's settings")
async def get_settings(caller: VerifiedCaller, tenant_id: UUID | None = None) -> Response:
    """Return the time zone, how long holds last, and the currency."""
    return await caller.rpc("get_frontdesk_settings", {"tenant_id": tenant_id})


@router.patch("/settings", response_model=DeskSettings, summary="Change a desk's settings")
async def set_settings(change: DeskSettingsChange, caller: VerifiedCaller) -> Response:
    """Change what is given. For administrators."""
    return await caller.rpc("set_frontdesk_settings", {"payload": jsonable(change)})
