"""What a refusal says about the service itself, in the operational log."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from casebase.kernel.errors import CasebaseError, DatabaseUnavailableError, RpcError, SchemaMissingError
from casebase.kernel.http.auth import ExpiredTokenError
from casebase.modules.practice.enums import EventType, Level
from casebase.modules.practice.event_log import EventLog

_DATABASE: Final = (RpcError, DatabaseUnavailableError, SchemaMissingError)


def note_refusal(
    log: EventLog, error: Exception, *, function: str | None = None, user_id: UUID | None = None
) -> None:
    """Note an error that somebody met, if it tells of the service: a limit, an outage of the database, a fault.

    What a language model's service fails at is noted where it is asked.
    """
    if (found := _event(error)) is not None:
        level, event_type = found
        # Anybody may ask for what they are refused, as fast as they can.
        log.count(
            level,
            event_type,
            user_id=user_id,
            reason=getattr(error, "code", CasebaseError.code),
            status=_status(error),
            function=function,
        )


def _event(error: Exception) -> tuple[Level, EventType] | None:
    status = _status(error)
    if isinstance(error, ExpiredTokenError):
        return "info", "session_expired"
    if status == 429:
        return "warn", "rate_limit_exceeded"
    if status >= 500 and isinstance(error, _DATABASE):
        return "error", "database_error"
    return ("error", "unknown_error") if status == CasebaseError.status else None


def _status(error: Exception) -> int:
    return error.status if isinstance(error, CasebaseError) else CasebaseError.status
