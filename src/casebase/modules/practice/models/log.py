"""The operational log: what the service noted of its own work, and how often."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import AwareDatetime, Field

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


class DueCleanups(Stored):
    """How much each cleanup would do now."""

    close_stale_answers: int
    reset_weekly_limits: int
    delete_expired_sessions: int
    delete_old_logs: int


class LoggedEvents(Stored):
    """How many events were written."""

    logged: int


class LogFilter(Given):
    """Which events to list, and how many at once."""

    level: Level | None = None
    event_type: EventType | None = None
    session_id: UUID | None = None
    since: Annotated[AwareDatetime | None, Field(serialization_alias="from")] = None
    until: AwareDatetime | None = None
    cursor: str | None = Field(default=None, max_length=200, pattern="^([0-9a-f]{2})+$")
    page_size: int | None = Field(default=None, ge=1, le=200)


class LogEvent(Stored):
    """Something the service did; ``user_key`` is the same for a person within a week, and names nobody."""

    event_id: UUID
    level: Level
    event_type: EventType
    user_key: str | None
    session_id: UUID | None
    metadata: dict[str, Measure]
    created_at: datetime


class LogEventPage(Stored):
    """A page of the log, newest first."""

    items: tuple[LogEvent, ...]
    next_cursor: str | None


class LogRate(Stored):
    """How often something happened in the step that begins at a moment."""

    at: datetime
    level: Level
    event_type: EventType
    count: int


class LogRates(Stored):
    """How often what happened in a period; steps without events are left out."""

    since: datetime = Field(alias="from")
    until: datetime
    step_seconds: int
    rates: tuple[LogRate, ...]
