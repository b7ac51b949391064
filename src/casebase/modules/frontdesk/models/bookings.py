"""Slots, bookings and a desk's settings."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import AwareDatetime, Field

from casebase.kernel.models import Given, Stored
from casebase.modules.frontdesk.enums import BookingStatus, CancelReason


class NewBooking(Given):
    """Who takes which slot: a hold, until it expires, or confirmed at once."""

    tenant_id: UUID | None = None
    slot_id: str = Field(min_length=1, max_length=200)
    user_name: str = Field(min_length=1, max_length=200, repr=False)
    user_email: str = Field(max_length=254, repr=False, json_schema_extra={"format": "email"})
    user_id: UUID | None = None
    """Whose account may read, move and cancel it; nobody's where it is absent or null."""
    is_confirmed: bool | None = Field(default=None, strict=True)
    resource: str | None = Field(default=None, min_length=1, max_length=100)
    starts_at: AwareDatetime | None = None
    ends_at: AwareDatetime | None = None
    """Like ``resource`` and ``starts_at`` of a slot that is not in ``public.slots``; of others it is known."""
    is_listed: bool | None = Field(default=None, strict=True)
    """Whether to refuse a slot that is not in ``public.slots``, as it may have been taken back meanwhile."""


class Booking(Stored):
    """A slot taken, without its customer: what changes reply."""

    booking_id: UUID
    tenant_id: UUID
    slot_id: str
    status: BookingStatus
    place: int
    resource: str | None
    starts_at: datetime | None
    ends_at: datetime | None
    hold_expires_at: datetime | None
    cancelled_at: datetime | None
    cancel_reason: CancelReason | None
    created_at: datetime


class ChangedBooking(Booking):
    """A booking after a change, and whether it was so before."""

    is_repeated: bool


class BookingDetails(Booking):
    """A booking with its customer."""

    user_id: UUID | None
    user_name: str = Field(repr=False)
    user_email: str = Field(repr=False)
    updated_at: datetime


class BookingFilter(Given):
    """Which of a tenant's bookings; by their time where ``since`` or ``until`` is given, else the newest first."""

    tenant_id: UUID | None = None
    since: Annotated[AwareDatetime | None, Field(serialization_alias="from")] = None
    until: AwareDatetime | None = None
    status: BookingStatus | None = None
    resource: str | None = Field(default=None, min_length=1, max_length=100)
    cursor: str | None = Field(default=None, max_length=200)
    page_size: int | None = Field(default=None, strict=True, ge=1, le=200)


class BookingPage(Stored):
    """A page of bookings, and where the next one begins."""

    items: tuple[BookingDetails, ...]
    next_cursor: str | None


class SlotChoice(Given):
    """The slot that a booking moves to; its customer chooses among those of ``public.slots``."""

    slot_id: str = Field(min_length=1, max_length=200)
    is_listed: bool | None = Field(default=None, strict=True)
    """Whether to refuse a slot that is not in ``public.slots`` to the desk too."""


class NewSlot(Given):
    """When a resource can be booked, and by how many at once."""

    slot_id: str | None = Field(default=None, min_length=1, max_length=200)
    resource: str = Field(min_length=1, max_length=100)
    starts_at: AwareDatetime
    ends_at: AwareDatetime
    capacity: int | None = Field(default=None, strict=True, ge=1, le=1000)


class NewSlots(Given):
    """Slots to add, or to change where they are known and nothing else is said."""

    tenant_id: UUID | None = None
    slots: tuple[NewSlot, ...] = Field(min_length=1, max_length=1000)
    is_new_only: bool | None = Field(default=None, strict=True)
    """Whether those that are known stay as they are, though they differ."""


class AddedSlot(Stored):
    """What became of a slot that was given."""

    slot_id: str
    outcome: Literal["added", "updated", "unchanged"]


class AddedSlots(Stored):
    """What became of the slots that were given, in their order."""

    tenant_id: UUID
    added: int
    updated: int
    unchanged: int
    slots: tuple[AddedSlot, ...]


class RemovedSlot(Stored):
    """A slot that can be booked no more."""

    tenant_id: UUID
    slot_id: str


class AvailableSlot(Stored):
    """A slot with a free place."""

    slot_id: str
    resource: str
    starts_at: datetime
    ends_at: datetime
    capacity: int
    free: int


class AvailableSlots(Stored):
    """What can be booked on a day of the tenant's time zone, at most until ``fresh_until``."""

    tenant_id: UUID
    on_date: date
    time_zone: str
    slots: tuple[AvailableSlot, ...]
    fresh_until: datetime


class DeskSettings(Stored):
    """What holds at a tenant's desk."""

    tenant_id: UUID
    time_zone: str
    hold_minutes: int
    currency: str


class DeskSettingsChange(Given):
    """What to decide for a tenant's desk; what is absent stays."""

    tenant_id: UUID | None = None
    time_zone: str | None = Field(default=None, max_length=60)
    hold_minutes: int | None = Field(default=None, strict=True, ge=1, le=1440)
    currency: str | None = Field(default=None, pattern="^[A-Z]{3}$")
