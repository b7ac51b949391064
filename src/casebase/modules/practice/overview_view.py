"""How practice is used: sessions begun and how they ended, what the partner's model cost in time, and its limits."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from casebase.console.kit import Chart, charts
from casebase.console.kit.format import number
from casebase.modules.practice.log_view import LOG_PATH, Address, Rates, labels, per_step, unit

_SESSIONS: Final = {
    "scenario_started": "Started",
    "scenario_completed": "Completed",
    "scenario_abandoned": "Abandoned",
}
_ANSWERS: Final = {
    "api_call_completed": "Answered",
    "api_retry_attempted": "Asked again",
    "api_call_timeout": "Too slow",
    "api_call_failed": "Failed",
}


@dataclass(frozen=True, slots=True)
class Overview:
    """What the page shows; a chart is absent where there is nothing to draw."""

    figures: tuple[tuple[str, str, str, str, str], ...]
    """Label, value, hint, tone and address."""
    sessions: Chart | None
    answers: Chart | None


def view(rates: Rates, begins: Sequence[datetime], step: timedelta, address: Address) -> Overview:
    """Count and draw the steps that begin at ``begins``."""
    count, faults = Counter[str](), 0
    for rate in rates:
        count[rate["event_type"]] += rate["count"]
        faults += rate["count"] if rate["level"] == "error" else 0
    started, completed = count["scenario_started"], count["scenario_completed"]
    asked = sum(count[name] for name in ("api_call_completed", "api_call_failed", "api_call_timeout"))

    def of(name: str) -> str:
        return address(f"{LOG_PATH}?event_type={name}")

    return Overview(
        figures=(
            ("Started", number(started), "sessions", "", of("scenario_started")),
            (
                "Completed",
                number(completed),
                f"{completed / started:.0%} of those started" if started else "none was started",
                "",
                of("scenario_completed"),
            ),
            ("Newcomers", number(count["user_registered"]), "accounts made", "", of("user_registered")),
            (
                "Limits met",
                number(count["rate_limit_exceeded"]),
                "refused until later",
                "",
                of("rate_limit_exceeded"),
            ),
            (
                "Errors",
                number(faults),
                "look at each" if faults else "none, as it should be",
                "bad" if faults else "good",
                address(f"{LOG_PATH}?level=error"),
            ),
        ),
        sessions=_chart(f"Sessions by {unit(step)}", _SESSIONS, rates, begins, step)
        if any(count[name] for name in _SESSIONS)
        else None,
        answers=_chart(f"The model's answers by {unit(step)}", _ANSWERS, rates, begins, step)
        if asked
        else None,
    )


def _chart(
    title: str, names: dict[str, str], rates: Rates, begins: Sequence[datetime], step: timedelta
) -> Chart:
    return charts.bars(
        title,
        labels(begins, step),
        {shown: per_step(rates, begins, event_type=name) for name, shown in names.items()},
        show=number,
    )
