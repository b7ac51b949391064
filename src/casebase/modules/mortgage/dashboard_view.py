"""How the dashboards read: three charts over a period, each bar leading to its cases."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final
from urllib.parse import urlencode

from casebase.console.kit import Chart, charts
from casebase.console.kit.format import ABSENT, day, number, words
from casebase.modules.mortgage.enums import EventType, OutcomeDecision, Recommendation
from casebase.modules.mortgage.models import (
    DailyStats,
    DayStats,
    FollowUpEffect,
    FollowUpEffectiveness,
    RecommendationOutcomes,
)

_CASES: Final = "/console/mortgage/cases"
_SPANS: Final = ((14, 1, "day"), (100, 7, "week"), (1000, 28, "four weeks"))
"""Up to how many days of a period a bar stands for how many, and what that is called."""
_OPENED: Final = {"happened": "opened"}
_REVEALED: Final = {"happened": "reveal"}
_ENDED: Final = {"happened": "outcome"}
_SWITCHED: Final = {"happened": "outcome", "decision": "converted"}
_EVENTS: Final[Mapping[EventType, str]] = {
    EventType.CHAT: "After a chat",
    EventType.REVEAL: "After a reveal",
    EventType.FOLLOW_UP: "After a follow-up",
    EventType.BANK_QUOTE: "After a bank quote",
}


@dataclass(frozen=True, slots=True)
class Figure:
    """A number that matters, what it means, and the list of its cases."""

    label: str
    value: str
    hint: str
    href: str


@dataclass(frozen=True, slots=True)
class Dashboards:
    """What the page shows; a chart is absent where there is nothing to draw."""

    figures: tuple[Figure, ...]
    daily: Chart | None
    outcomes: Chart | None
    effectiveness: Chart | None
    effects: tuple[tuple[str, str, str, str, str], ...]
    """By event: its name, cases, concluded and switched of them, and the list of its cases."""


def view(
    daily: DailyStats, outcomes: RecommendationOutcomes, effectiveness: FollowUpEffectiveness
) -> Dashboards:
    """Draw the figures of one period."""
    period = (daily.from_day, daily.to_day)
    ended = sum(item.cases for item in outcomes.items)
    followed = sum(item.cases for item in outcomes.items if item.is_followed)
    opened, revealed, switched = (sum(count(item) for item in daily.items) for _, count, _ in _SERIES)
    figures = (
        Figure("New cases", number(opened), "opened in the period", cases_url(*period, _OPENED)),
        Figure("Reveals", number(revealed), "cases shown rates, by day", cases_url(*period, _REVEALED)),
        Figure(
            "Conversions",
            number(switched),
            "repriced or refinanced",
            cases_url(*period, _SWITCHED),
        ),
        Figure(
            "Advice followed",
            f"{followed / ended:.0%}" if ended else ABSENT,
            f"of {number(ended)} cases that ended",
            cases_url(*period, _ENDED),
        ),
    )
    return Dashboards(
        figures,
        _daily_chart(daily) if daily.items else None,
        _outcome_chart(outcomes) if outcomes.items else None,
        _effect_chart(effectiveness)
        if any(e.median_hours is not None for e in effectiveness.items)
        else None,
        tuple(_effect_row(item, period) for item in effectiveness.items),
    )


def cases_url(from_day: date, to_day: date, filters: Mapping[str, str]) -> str:
    """Return the address of the list of the cases that a bar counts."""
    return f"{_CASES}?{urlencode({**filters, 'from_day': from_day, 'to_day': to_day})}"


_SERIES: Final[Sequence[tuple[str, Callable[[DayStats], int], Mapping[str, str]]]] = (
    ("New cases", lambda stats: stats.new_cases, _OPENED),
    ("Reveals", lambda stats: stats.reveals, _REVEALED),
    ("Conversions", lambda stats: stats.conversions, _SWITCHED),
)


def _daily_chart(daily: DailyStats) -> Chart:
    days = (daily.to_day - daily.from_day).days + 1
    length, unit = next((length, unit) for most, length, unit in _SPANS if days <= most)
    spans = _spans(daily.from_day, daily.to_day, length)
    counted = {
        name: [sum(count(d) for d in daily.items if first <= d.day <= last) for first, last in spans]
        for name, count, _ in _SERIES
    }
    return charts.bars(
        f"New cases, reveals and conversions by {unit}",
        [_short(first) for first, _ in spans],
        counted,
        show=number,
        links={name: [cases_url(*span, filters) for span in spans] for name, _, filters in _SERIES},
    )


def _spans(first: date, last: date, length: int) -> list[tuple[date, date]]:
    """Part a period into spans of so many days, the last of which ends with it."""
    ends = [last - timedelta(days=n) for n in range(0, (last - first).days + 1, length)]
    return [(max(first, end - timedelta(days=length - 1)), end) for end in reversed(ends)]


def _outcome_chart(outcomes: RecommendationOutcomes) -> Chart:
    period = (outcomes.from_day, outcomes.to_day)
    found = {(item.recommendation, item.decision): item.cases for item in outcomes.items}
    advised = [*Recommendation, *([None] if any(r is None for r, _ in found) else [])]
    decisions = [d for d in OutcomeDecision if any(decision == d for _, decision in found)]
    return charts.stacked_bars(
        "How cases ended, by what was advised",
        [words(r) if r else "Not advised" for r in advised],
        {words(d): [found.get((r, d), 0) for r in advised] for d in decisions},
        show=number,
        links={
            words(d): [
                cases_url(*period, {**_ENDED, "decision": d, "recommendation": r or "none"}) for r in advised
            ]
            for d in decisions
        },
    )


def _effect_chart(effectiveness: FollowUpEffectiveness) -> Chart:
    items = [item for item in effectiveness.items if item.median_hours is not None]
    period = (effectiveness.from_day, effectiveness.to_day)
    return charts.horizontal_bars(
        "Days from event to outcome, median",
        [_EVENTS[item.event_type] for item in items],
        {"Days": [round((item.median_hours or 0) / 24, 1) for item in items]},
        show=lambda days: number(days, 1),
        links={
            "Days": [cases_url(*period, {"happened": item.event_type, "status": "closed"}) for item in items]
        },
    )


def _effect_row(item: FollowUpEffect, period: tuple[date, date]) -> tuple[str, str, str, str, str]:
    return (
        _EVENTS[item.event_type],
        number(item.cases),
        number(item.concluded),
        number(item.converted),
        cases_url(*period, {"happened": item.event_type}),
    )


def _short(when: date) -> str:
    return day(when).rsplit(" ", 1)[0]
