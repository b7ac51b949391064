"""The closed vocabularies of the front desk; checks of its tables hold the same values."""

from __future__ import annotations

from enum import StrEnum


class BookingStatus(StrEnum):
    """Say how far a booking is: a hold, kept for good, or given back."""

    PENDING = "pending"
    CONFIRMED = "confirmed"
    CANCELLED = "cancelled"


class CancelReason(StrEnum):
    """Say how a booking was given back: by somebody, or because nobody confirmed it in time."""

    CANCELLED = "cancelled"
    EXPIRED = "expired"
