"""What a refusal says about the service itself, in the operational log."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from casebase.kernel.errors import (
    DatabaseUnavailableError,
    DependencyUnavailableError,
    RpcError,
    SchemaMissingError,
)
from casebase.kernel.http.auth import ExpiredTokenError
from casebase.modules.practice.enums import EventType, Level
from casebase.modules.practice.event_log import EventLog

_DATABASE: Final = (RpcError, DatabaseUnavailableError, SchemaMissingError)


def note_refusal(
    log: EventLog, error: Exception, *, function: str | None = None, user_id: UUID | None = None
) -> None:
    """Note an error that somebody was answered with, if it is more than a wrong input: a limit, an outage, a fault.

    What a language model's service fails at is noted where it is asked.
    """
    if isinstance(error, DependencyUnavailableError) or (found := _event(error)) is None:
        return
    level, event_type = found
    log.note(
        level,
        event_type,
        user_id=user_id,
        reason=getattr(error, "code", "internal_error"),
        status=getattr(error, "status", 500),
        function=function,
    )


def _event(error: Exception) -> tuple[Level, EventType] | None:
    status = getattr(error, "status", 500)
    if isinstance(error, ExpiredTokenError):
        return "info", "session_expired"
    if status == 429:
        return "warn", "rate_limit_exceeded"
    if status < 500:
        return None
    return ("error", "database_error") if isinstance(error, _DATABASE) else ("error", "unknown_error")
