"""The figures of the dashboards."""

from __future__ import annotations

from datetime import date

from casebase.kernel.models import Amount, Stored
from casebase.modules.mortgage.enums import (
    EventType,
    OutcomeDecision,
    Recommendation,
)


class DayStats(Stored):
    """What happened on one day: cases opened, cases revealed to, cases that ended in a switch."""

    day: date
    new_cases: int
    reveals: int
    conversions: int


class DailyStats(Stored):
    """The days of a period on which something happened."""

    from_day: date
    to_day: date
    items: tuple[DayStats, ...]


class OutcomeCount(Stored):
    """How many cases that were advised so ended so."""

    recommendation: Recommendation | None
    decision: OutcomeDecision
    is_followed: bool
    cases: int
    net_savings: Amount


class RecommendationOutcomes(Stored):
    """How the cases of a period ended, by what was recommended."""

    from_day: date
    to_day: date
    items: tuple[OutcomeCount, ...]


class FollowUpEffect(Stored):
    """Of the cases with such an event: how many are concluded, how many switched, and after how many hours (median)."""

    event_type: EventType
    cases: int
    concluded: int
    converted: int
    median_hours: float | None


class FollowUpEffectiveness(Stored):
    """How long cases took from an event of a period to their outcome."""

    from_day: date
    to_day: date
    items: tuple[FollowUpEffect, ...]
