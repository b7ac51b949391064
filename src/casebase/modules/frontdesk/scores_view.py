"""How conversation scores read: bands, the parts of one, and their course over days."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from casebase.console.kit import Chart, charts
from casebase.console.kit.format import ABSENT, number
from casebase.modules.frontdesk import wording
from casebase.modules.frontdesk.scoring import POINTS

BANDS: Final = {"good": ("75 and more", 75, 100), "fair": ("50 to 74", 50, 74), "poor": ("Below 50", 0, 49)}
"""What a band is called, its least and its greatest score."""
_TONES: Final = {"good": "good", "fair": "warning", "poor": "bad"}
_PARTS: Final = {
    "resolution": "What was asked for is resolved",
    "sentiment": "How it was rated",
    "errors": "Few errors",
    "turns": "Quick answers",
    "length": "Replies of a good length",
}


@dataclass(frozen=True, slots=True)
class ScoresView:
    """What the page shows above its list; the charts are absent where nothing was scored."""

    figures: tuple[tuple[str, str, str, str], ...]
    """Label, value, hint and tone."""
    course: Chart | None
    counts: Chart | None
    older: str
    """Says that older versions of the scoring are left out; empty where there are none."""


def tone(score: int) -> str:
    """Return the tone of a score."""
    return next(_TONES[name] for name, (_, least, _) in BANDS.items() if score >= least)


def rating(measures: Mapping[str, Any]) -> str:
    """Return a rating as ``4 of 5``."""
    value = measures.get("rating")
    return ABSENT if value is None else f"{number(value)} of 5"


def resolved(measures: Mapping[str, Any]) -> str:
    """Return whether somebody said that it is resolved; measures are any numbers, as scores may be made elsewhere."""
    value = measures.get("is_resolved")
    return "Yes" if value is True else "No" if value is False else ABSENT


def parts(measures: Mapping[str, Any]) -> list[tuple[str, float, int, str]]:
    """Return each part of a score: what it is, its points, the most it could have, and both in words."""
    found = []
    for name, most in POINTS.items():
        points = measures.get(f"{name}_points")
        if points is not None:
            found.append((_PARTS[name], points, most, f"{_points(points)} of {most} points"))
    return found


def view(points: Sequence[Mapping[str, Any]], days: Sequence[date]) -> ScoresView:
    """Count and draw what ``get_score_trend`` returned, of the newest version of the scoring alone."""
    newest = max((point["version"] for point in points), default=None)
    by_day = {date.fromisoformat(point["day"]): point for point in points if point["version"] == newest}
    of = [by_day.get(day) for day in days]
    count = sum(point["count"] for point in by_day.values())
    left_out = sum(point["count"] for point in points) - count
    mean = sum(point["avg"] * point["count"] for point in by_day.values()) / count if count else None
    labels = [wording.short_day(day) for day in days]
    return ScoresView(
        figures=(
            ("Conversations", number(count), "", ""),
            ("Average", number(mean, 1), "of 100", "" if mean is None else tone(round(mean))),
            ("Lowest", number(min((p["min"] for p in by_day.values()), default=None)), "", ""),
            ("Highest", number(max((p["max"] for p in by_day.values()), default=None)), "", ""),
        ),
        course=charts.lines(
            "Scores by day",
            labels,
            {
                "Average": [point["avg"] if point else None for point in of],
                "Median": [point["p50"] if point else None for point in of],
            },
            show=_points,
            is_from_zero=True,
        )
        if by_day
        else None,
        counts=charts.bars(
            "Conversations by day",
            labels,
            {"Scored": [point["count"] if point else 0 for point in of]},
            show=number,
        )
        if by_day
        else None,
        older=f"{number(left_out)} of older versions of the scoring are not drawn: scores compare within one."
        if left_out
        else "",
    )


def _points(value: float | None) -> str:
    return number(value, 1).removesuffix(".0")
