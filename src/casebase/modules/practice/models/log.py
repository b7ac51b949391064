"""The operational log: what the service noted of its own work, and how often."""

from __future__ import annotations

from uuid import UUID

from pydantic import Field

from casebase.kernel.models import Given, Stored
from casebase.modules.practice.enums import EventType, Level

Measure = bool | int | float | str


class NewLogEvent(Given):
    """An event to note: numbers, booleans and short codes under known names, never what was said or whose it was."""

    level: Level
    event_type: EventType
    user_id: UUID | None = None
    session_id: UUID | None = None
    metadata: dict[str, Measure] = Field(
        default_factory=dict, max_length=22, examples=[{"duration_ms": 840, "status": 200}]
    )


class LoggedEvents(Stored):
    """How many events were written."""

    logged: int
