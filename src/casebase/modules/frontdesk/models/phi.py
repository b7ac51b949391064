"""What is scanned for personal and health information, and what scans found."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import AwareDatetime, Field

from casebase.kernel.models import Amount, Given, Stored, Word

PhiAction = Literal["masked", "blocked", "alerted"]
_SessionId = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._:-]{0,199}$")]
_Mask = Annotated[str, Field(pattern=r"^\[[a-z][a-z0-9_]{0,39}( …[A-Za-z0-9]{1,4})?\]$")]


class NewPhiScan(Given):
    """A text to scan, and what to do about what is found; the text is neither stored nor logged."""

    tenant_id: UUID | None = None
    text: str = Field(max_length=100_000, examples=["Please call Ada Byron on +44 20 7946 0958."])
    action: PhiAction = "masked"
    session_id: _SessionId | None = None
    min_score: float = Field(default=0.0, ge=0, le=1, allow_inf_nan=False)


class PhiScanFinding(Stored):
    """A stretch of the text: ``start`` and ``end`` count its characters (code points)."""

    phi_type: Word
    start: int
    end: int
    score: float
    masked_value: str


class PhiScanned(Stored):
    """What a scan found; ``masked_text`` is null for a text that was blocked."""

    tenant_id: UUID
    action: PhiAction
    is_blocked: bool
    masked_text: str | None
    findings: tuple[PhiScanFinding, ...]


class NewPhiEvent(Given):
    """What was found, masked: a context holds the mask of what it is about."""

    phi_type: Word
    masked_value: _Mask
    context: str | None = Field(default=None, min_length=1, max_length=400)
    score: float | None = Field(default=None, ge=0, le=1, allow_inf_nan=False)


class NewPhiEvents(Given):
    """What one scan found, and what was done about it."""

    tenant_id: UUID | None = None
    user_id: UUID | None = None
    session_id: _SessionId | None = None
    action_taken: PhiAction
    events: tuple[NewPhiEvent, ...] = Field(min_length=1, max_length=1000)


class RecordedPhiEvents(Stored):
    """How many events were written."""

    tenant_id: UUID
    recorded: int


class PhiEventFilter(Given):
    """Which events to list, and how many at once."""

    tenant_id: UUID | None = None
    phi_type: Word | None = None
    action_taken: PhiAction | None = None
    session_id: str | None = Field(default=None, min_length=1, max_length=200)
    since: Annotated[AwareDatetime | None, Field(serialization_alias="from")] = None
    until: AwareDatetime | None = None
    cursor: str | None = Field(default=None, max_length=200, pattern="^([0-9a-f]{2})+$")
    page_size: int | None = Field(default=None, ge=1, le=200)


class PhiEvent(Stored):
    """Something a scan found; none of its words is here."""

    event_id: UUID
    tenant_id: UUID
    user_id: UUID | None
    session_id: str | None
    phi_type: Word
    masked_value: str | None
    context: str | None
    action_taken: PhiAction
    score: Amount | None
    created_at: datetime


class PhiEventPage(Stored):
    """A page of events, newest first."""

    items: tuple[PhiEvent, ...]
    next_cursor: str | None


class PhiTypeCount(Stored):
    """How often a type was found, and what was done."""

    phi_type: Word
    action_taken: PhiAction
    count: int


class PhiDayCount(Stored):
    """How much was found on a day, in UTC."""

    day: date
    count: int


class PhiCounts(Stored):
    """How much was found in a period; types and days without any are left out."""

    tenant_id: UUID
    since: datetime = Field(alias="from")
    until: datetime
    count: int
    types: tuple[PhiTypeCount, ...]
    days: tuple[PhiDayCount, ...]
