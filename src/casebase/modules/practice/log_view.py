"""How the operational log reads: how often what happened over a period, and what one event says."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from markupsafe import Markup

from casebase.console.kit import Chart, charts
from casebase.console.kit.format import ABSENT, day, moment, number, plain, words

LOG_PATH: Final = "/console/practice/log"

Address = Callable[[str], str]
Rates = Sequence[Mapping[str, Any]]

LEVELS: Final = {"error": "Error", "warn": "Warning", "info": "Info", "debug": "Debug"}
TONES: Final = {"error": "bad", "warn": "warning", "info": "accent", "debug": "neutral"}
EVENTS: Final = {
    "api_call_started": "Model asked",
    "api_call_completed": "Model answered",
    "api_call_failed": "Model failed",
    "api_call_timeout": "Model too slow",
    "api_retry_attempted": "Model asked again",
    "user_registered": "Registered",
    "user_login_success": "Signed in",
    "user_login_failed": "Sign-in failed",
    "user_logout": "Signed out",
    "session_expired": "Sign-in ran out",
    "account_deleted": "Account deleted",
    "session_created": "Session created",
    "session_restored": "Session resumed",
    "session_expiration_cleanup": "Expired sessions removed",
    "scenario_started": "Scenario started",
    "scenario_completed": "Scenario completed",
    "scenario_abandoned": "Scenario abandoned",
    "rate_limit_checked": "Limit checked",
    "rate_limit_exceeded": "Limit reached",
    "weekly_limit_reset": "Week began anew",
    "database_error": "Database error",
    "cleanup_job_executed": "Cleanup ran",
    "unknown_error": "Unexpected error",
}
_MEASURES: Final = {
    "reason": "reason",
    "status": "status",
    "function": "in",
    "dependency": "of",
    "job": "job",
    "source": "by",
    "chat_type": "chat",
    "scenario_id": "scenario",
    "attempt": "attempt",
    "attempts": "attempts",
    "retry_in_ms": "again in",
    "duration_ms": "took",
    "first_chunk_ms": "first piece after",
    "chunks": "pieces",
    "characters": "characters",
    "bytes": "bytes",
    "message_count_main": "messages with the partner",
    "message_count_helper": "with the helper",
    "completed_this_week": "completed this week",
    "limit": "limit",
    "count": "count",
}
"""What is measured, in the order that it reads well in."""
_DRAWN: Final = ("info", "warn", "debug", "error")
"""Levels from the bottom up, in an order that gives errors and warnings the charts' colours that warn."""


@dataclass(frozen=True, slots=True)
class LogView:
    """What the page shows beside its events; the chart is absent where nothing happened."""

    figures: tuple[tuple[str, str, str, str, str], ...]
    """Label, value, hint, tone and address."""
    chart: Chart | None
    types: tuple[tuple[str, str, str, str], ...]
    """Event, address, how often, and how many of them were errors or warnings."""


def view(rates: Rates, begins: Sequence[datetime], step: timedelta, address: Address) -> LogView:
    """Count and draw the events of the steps that begin at ``begins``."""
    by_level, by_type, grave = Counter[str](), Counter[str](), Counter[str]()
    for rate in rates:
        by_level[rate["level"]] += rate["count"]
        by_type[rate["event_type"]] += rate["count"]
        if rate["level"] in ("error", "warn"):
            grave[rate["event_type"]] += rate["count"]
    hints = {
        "error": "look at each" if by_level["error"] else "none, as it should be",
        "warn": "limits and retries",
        "info": "what people and cleanups did",
        "debug": "for the curious",
    }
    return LogView(
        figures=tuple(
            (
                {"error": "Errors", "warn": "Warnings"}.get(level, title),
                number(by_level[level]),
                hints[level],
                ("bad" if by_level[level] else "good") if level == "error" else "",
                address(f"{LOG_PATH}?level={level}"),
            )
            for level, title in LEVELS.items()
        ),
        chart=charts.stacked_bars(
            f"Events by {unit(step)}",
            labels(begins, step),
            {LEVELS[level]: per_step(rates, begins, level=level) for level in _DRAWN},
            show=number,
        )
        if rates
        else None,
        types=tuple(
            (
                EVENTS[name],
                address(f"{LOG_PATH}?event_type={name}"),
                number(count),
                number(grave[name]) if grave[name] else ABSENT,
            )
            for name, count in by_type.most_common()
        ),
    )


def per_step(rates: Rates, begins: Sequence[datetime], **only: str) -> list[int]:
    """Return how many of the events that are as ``only`` says happened in each step."""
    counted = Counter[datetime]()
    for rate in rates:
        if all(rate[name] == value for name, value in only.items()):
            counted[datetime.fromisoformat(rate["at"])] += rate["count"]
    return [counted[begin] for begin in begins]


def labels(begins: Sequence[datetime], step: timedelta) -> list[str]:
    """Return what each step is called below a chart: ``14:00``, ``21 Nov``."""
    if step < timedelta(days=1):
        return [f"{begin:%H:%M}" for begin in begins]
    return [day(begin).rsplit(" ", 1)[0] for begin in begins]


def unit(step: timedelta) -> str:
    """Return what a step is called."""
    return "hour" if step < timedelta(days=1) else "day"


def measures(metadata: Mapping[str, Any]) -> str:
    """Return what an event measured as words: ``reason weekly limit reached, status 429``."""
    said = [f"{_MEASURES[name]} {_shown(name, metadata[name])}" for name in _MEASURES if name in metadata]
    return ", ".join(said) or ABSENT


def _shown(name: str, value: Any) -> str:
    if isinstance(value, str):
        return words(value).lower()
    return f"{number(value)}\N{NO-BREAK SPACE}ms" if name.endswith("_ms") else plain(value)


def mark(user_key: str | None) -> str:
    """Return the short form of a person's key: the same within a week, and nobody's name."""
    return user_key[:8] if user_key else ABSENT


def unbroken(when: Any) -> Markup:
    """Return a moment that stays in one line."""
    return Markup('<span class="nowrap">{}</span>').format(moment(when))
