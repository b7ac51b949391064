"""The closed vocabularies of the practice module; checks of its tables hold the same values."""

from __future__ import annotations

from enum import StrEnum
from typing import Literal


class Role(StrEnum):
    """Say who speaks."""

    USER = "user"
    SCENARIO = "scenario"
    HELPER = "helper"


class ChatType(StrEnum):
    """Name a chat of a session: with the partner, or with the helper."""

    MAIN = "main"
    HELPER = "helper"


class AnswerStatus(StrEnum):
    """Say whether an answer is being made, or how it ended."""

    RUNNING = "running"
    COMPLETED = "completed"
    INTERRUPTED = "interrupted"
    FAILED = "failed"


class AnswerSource(StrEnum):
    """Say who answers: a language model, or the partner that needs none."""

    MODEL = "model"
    SCRIPTED = "scripted"


Level = Literal["error", "warn", "info", "debug"]
"""Says how much an event matters."""

EventType = Literal[
    "api_call_started",
    "api_call_completed",
    "api_call_failed",
    "api_call_timeout",
    "api_retry_attempted",
    "user_registered",
    "user_login_success",
    "user_login_failed",
    "user_logout",
    "session_expired",
    "account_deleted",
    "scenario_started",
    "scenario_completed",
    "scenario_abandoned",
    "session_created",
    "session_restored",
    "session_expiration_cleanup",
    "rate_limit_checked",
    "rate_limit_exceeded",
    "weekly_limit_reset",
    "database_error",
    "cleanup_job_executed",
    "unknown_error",
]
"""Names what the service notes of its own work."""
